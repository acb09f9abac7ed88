// A client that does only what a test says, with a real broker behind it.
namespace Godwit.Crash.Tests;

internal sealed class ScriptClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly WireConnection _connection;

    private ScriptClient(WireConnection connection) => _connection = connection;

    /// <summary>Connects; what the broker answers is left.</summary>
    public static async Task<ScriptClient> OpenAsync(int port, ProtocolVersion version, string clientId, bool isPersistent = false)
    {
        var client = new ScriptClient(await WireConnection.OpenAsync(port, version));
        string properties = isPersistent && version == ProtocolVersion.V5 ? "11 FF FF FF FF" : "";
        await client.SendAsync(Packets.Connect(version, clientId, cleanSession: !isPersistent, properties: properties));
        return client;
    }

    /// <summary>Connects and is accepted.</summary>
    public static async Task<ScriptClient> ConnectAsync(
        int port, ProtocolVersion version, string clientId, bool isPersistent = false, bool sessionPresent = false)
    {
        ScriptClient client = await OpenAsync(port, version, clientId, isPersistent);
        Assert.StartsWith(sessionPresent ? "CONNACK 01 00" : "CONNACK 00 00", await client.NextAsync(), StringComparison.Ordinal);
        return client;
    }

    public async Task SendAsync(params byte[][] packets)
    {
        foreach (byte[] packet in packets) _connection.Write(packet);
        await _connection.FlushAsync();
    }

    public Task PublishAsync(string topic, string payload, QoS qos, ushort packetId, bool retain = false) =>
        SendAsync(Packets.Publish(_connection.Version, topic, Packets.Utf8(payload), qos, packetId, retain));

    public async Task SubscribeAsync(string filter, QoS qos)
    {
        await SendAsync(Packets.Subscribe(_connection.Version, 1, [(filter, (byte)qos)]));
        Assert.StartsWith("SUBACK m1", await NextAsync(), StringComparison.Ordinal);
    }

    /// <summary>The next packet, as <see cref="PacketText"/> writes it.</summary>
    public async Task<string> NextAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            if (TryTake(out string? packet)) return packet!;
            if (!await _connection.ReceiveAsync(limit.Token)) throw new InvalidOperationException("The broker has closed the connection.");
        }
    }

    /// <summary>The broker has nothing more to say to what has been sent so far.</summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync(Packets.Pingreq);
        Assert.Equal("PINGRESP", await NextAsync());
    }

    /// <summary>Takes QoS 1 messages, and acknowledges them.</summary>
    public async Task<List<string>> TakeMessagesAsync(int count)
    {
        List<string> messages = [];
        while (messages.Count < count)
        {
            string[] words = (await NextAsync()).Split(' ');
            Assert.Equal(("PUBLISH", "q1"), (words[0], words[2]));
            messages.Add(words[1]);
            await SendAsync(Packets.Ack(PacketType.Puback, ushort.Parse(words[3].AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)));
        }
        return messages;
    }

    public void Dispose() => _connection.Dispose();

    private bool TryTake(out string? text)
    {
        text = null;
        if (!_connection.TryRead(out _, out ReadOnlySpan<byte> packet)) return false;
        text = PacketText.Read(packet, _connection.Version, out _).Single();
        return true;
    }
}
