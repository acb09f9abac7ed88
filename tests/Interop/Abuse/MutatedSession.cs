using System.Text;
using Godwit.Protocol;
using Godwit.Testing;
using Godwit.Vectors;

namespace Godwit.Interop.Tests.Abuse;

/// <summary>The bytes of one client's session, nearly right: a CONNECT, some packets that belong together or do not, and mistakes in some of them.</summary>
internal static class MutatedSession
{
    private static readonly ProtocolVersion[] Versions = [ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5];

    // Announced bytes that never come would make every other session wait for its end.
    private static readonly Dictionary<ProtocolVersion, byte[][]> Packets = Versions.ToDictionary(version => version, version => GoldenVectors.All
        .Where(vector => vector.Version == version && vector.Type != PacketType.Connect && vector.Bytes.Length < 4096).Select(vector => vector.Bytes).ToArray());

    private static readonly byte[][] Connects = [.. GoldenVectors.All.Where(vector => vector.Type == PacketType.Connect).Select(vector => vector.Bytes)];

    /// <summary>Makes a session.</summary>
    public static byte[] Make(Random random)
    {
        ProtocolVersion version = Versions[random.Next(Versions.Length)];
        byte[][] packets = Packets[version];
        var bytes = new List<byte>(random.Next(4) == 0 ? Fuzz.Mutate(Connects, random) : Connect(version, random));
        for (int count = random.Next(1, 25); count > 0; count--)
            bytes.AddRange(random.Next(3) == 0 ? Reframed(Fuzz.Mutate(packets, random)) : packets[random.Next(packets.Length)]);
        return [.. bytes];
    }

    private static byte[] Connect(ProtocolVersion version, Random random)
    {
        var connect = new ConnectPacket
        {
            Version = version,
            ClientId = Encoding.ASCII.GetBytes($"abuse{random.Next(500)}"), // some have the same, and take sessions over
            CleanStart = random.Next(2) == 0,
            KeepAlive = (ushort)random.Next(3),
        };
        byte[] bytes = new byte[connect.Length];
        connect.Write(bytes);
        return bytes;
    }

    // Announces the length that is there, so that the next packet is found and the mistake is inside this one.
    private static byte[] Reframed(byte[] packet)
    {
        if (packet.Length < 2) return packet;
        byte[] body = packet[2..];
        return body.Length < 128 ? [packet[0], (byte)body.Length, .. body] : [packet[0], (byte)(body.Length & 127 | 128), (byte)(body.Length >> 7), .. body];
    }
}
