using System.Text;

namespace Godwit.Interop.Tests.Peers;

/// <summary>A line that a peer printed, in the words of the drivers: README.md.</summary>
/// <param name="Kind">The first word: CONNECTED, SUBSCRIBED, ...</param>
/// <param name="Columns">What follows it, split at the tabs.</param>
internal sealed record OutputLine(string Kind, string[] Columns)
{
    /// <summary>The codes of a SUBSCRIBED or PUBLISHED line, the code of the others.</summary>
    public string Codes => Columns[0];

    public static OutputLine? Parse(string line)
    {
        string[] columns = line.Split('\t');
        return columns[0] is "CONNECTED" or "SUBSCRIBED" or "PUBLISHED" or "MESSAGE" or "DISCONNECTED" ? new(columns[0], columns[1..]) : null;
    }
}

/// <summary>A message as a peer received it.</summary>
internal sealed record ReceivedMessage(string Topic, int QoS, bool Retain, byte[] Payload, IReadOnlyDictionary<string, string> Properties)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    public static ReceivedMessage From(OutputLine line)
    {
        // mosquitto_sub prints the name of a property that is not there, too.
        var properties = line.Columns[4..].Select(column => column.Split('=', 2)).Where(pair => pair[1].Length > 0)
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return new(line.Columns[0], int.Parse(line.Columns[1]), line.Columns[2] == "1", Convert.FromHexString(line.Columns[3]), properties);
    }
}
