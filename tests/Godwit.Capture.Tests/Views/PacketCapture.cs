using System.Text;
using Godwit.Capture.Files;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Conversations;
using Godwit.Capture.Tests.Network;
using Godwit.Testing;

namespace Godwit.Capture.Tests;

/// <summary>Makes capture files of a few packets: a frame each, 100 microseconds apart, with the handshake in front.</summary>
internal static class PacketCapture
{
    public const long Start = 1_772_359_964_000_000_000;

    /// <summary>A capture of one connection.</summary>
    /// <param name="steps"><c>C hex</c> or <c>S hex</c>, or a name of <see cref="Scene.Names"/>.</param>
    public static byte[] Of(params string[] steps)
    {
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true))
        {
            writer.AddInterface(LinkType.Ethernet, "eth0");
            var wire = new Writer(writer);
            wire.Send(true, [], TcpFlags.Syn);
            wire.Send(false, [], TcpFlags.Syn | TcpFlags.Ack);
            foreach (string part in steps.SelectMany(Split).SelectMany(step => Split(Scene.Names.GetValueOrDefault(step, step))))
                wire.Send(part[0] == 'C', Hex.Bytes(part[2..]), TcpFlags.Ack);
        }
        return stream.ToArray();
    }

    /// <summary>A step: the client publishes at QoS 0.</summary>
    public static string Publish(string topic, string payload)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic), message = Encoding.UTF8.GetBytes(payload);
        byte[] packet = new byte[name.Length + message.Length + 10];
        var publish = new Protocol.PublishPacket { Topic = name, Payload = message };
        return $"C {Convert.ToHexString(packet.AsSpan(0, publish.Write(packet, Protocol.ProtocolVersion.V311)))}";
    }

    private static string[] Split(string steps) => steps.Split(';', StringSplitOptions.TrimEntries);

    private sealed class Writer(PcapngWriter file)
    {
        private readonly uint[] _next = [1000, 5000];
        private long _time = Start;

        public void Send(bool isFromClient, byte[] data, TcpFlags flags)
        {
            int from = isFromClient ? 0 : 1;
            byte[] tcp = Frames.Tcp((ushort)(isFromClient ? 40_000 : 1883), (ushort)(isFromClient ? 1883 : 40_000), _next[from], _next[1 - from], flags, data);
            (string source, string target) = isFromClient ? ("10.0.0.1", "10.0.0.2") : ("10.0.0.2", "10.0.0.1");
            file.WriteFrame(0, _time, Frames.Ethernet(Frames.IPv4Type, Frames.IPv4(source, target, tcp)));
            _next[from] += (uint)data.Length + (uint)((flags & TcpFlags.Syn) != 0 ? 1 : 0);
            _time += 100_000;
        }
    }
}
