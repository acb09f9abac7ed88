// The columns that a message has in every table that holds one, in this order: topic, payload, properties, qos, retain, publisher,
// received_at, expires_at.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Protocol;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage;

/// <summary>Writes and reads messages. Publishers are few and their messages many: the last one's name is kept.</summary>
internal sealed unsafe class MessageColumns
{
    public const string Names = "topic, payload, properties, qos, retain, publisher, received_at, expires_at";

    private string? _written;
    private byte[] _writtenBytes = [];
    private string _read = "";
    private byte[] _readBytes = [];

    /// <summary>The names in a query that joins several tables.</summary>
    public static string NamesOf(string table) => string.Join(", ", Names.Split(", ").Select(name => $"{table}.{name}"));

    /// <summary>Binds a message to parameters and runs the statement; the other parameters have been bound.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="first">The parameter of the topic.</param>
    /// <param name="message">The message.</param>
    public void BindAndRun(SqliteStatement statement, int first, in StoredMessage message)
    {
        if (message.PublisherId is { } publisher && !ReferenceEquals(publisher, _written))
        {
            _writtenBytes = Encoding.UTF8.GetBytes(publisher);
            _written = publisher;
        }
        fixed (byte* topic = message.Topic, payload = message.Payload, properties = message.Properties, publisherId = _writtenBytes)
        {
            statement.BindText(first, topic, message.Topic.Length);
            statement.BindBlob(first + 1, payload, message.Payload.Length);
            if (message.Properties.IsEmpty) statement.BindNull(first + 2);
            else statement.BindBlob(first + 2, properties, message.Properties.Length);
            statement.Bind(first + 3, (long)message.QoS);
            statement.Bind(first + 4, message.Retain ? 1 : 0);
            if (message.PublisherId is null) statement.BindNull(first + 5);
            else statement.BindText(first + 5, publisherId, _writtenBytes.Length);
            statement.Bind(first + 6, message.ReceivedAt);
            statement.Bind(first + 7, message.ExpiresAt);
            statement.Run();
        }
    }

    /// <summary>Reads a message from the current row; it is valid until the next step.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="first">The column of the topic.</param>
    public StoredMessage Read(SqliteStatement statement, int first) => new()
    {
        Topic = statement.Text(first),
        Payload = statement.Blob(first + 1),
        Properties = statement.Blob(first + 2),
        QoS = (QoS)statement.Integer(first + 3),
        Retain = statement.Integer(first + 4) != 0,
        PublisherId = statement.IsNull(first + 5) ? null : ReadPublisher(statement.Text(first + 5)),
        ReceivedAt = statement.Integer(first + 6),
        ExpiresAt = statement.NullableInteger(first + 7),
    };

    private string ReadPublisher(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(_readBytes)) return _read;
        _readBytes = name.ToArray();
        _read = Encoding.UTF8.GetString(name);
        return _read;
    }
}
