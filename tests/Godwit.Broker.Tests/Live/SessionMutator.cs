// Sessions that a client should not send: golden vectors one after the other, some with a few bytes changed, taken out or put in. What a
// seed gives is always the same.
using Godwit.Protocol;
using Godwit.Vectors;

namespace Godwit.Broker.Tests.Live;

internal sealed class SessionMutator(int seed)
{
    private static readonly byte[][] Connects = [.. GoldenVectors.Valid.Where(v => v.Type == PacketType.Connect).Select(v => v.Bytes)];
    private static readonly byte[][] Others = [.. GoldenVectors.All.Where(v => v.Type != PacketType.Connect).Select(v => v.Bytes)];

    private readonly Random _random = new(seed);

    /// <summary>The bytes of the next session.</summary>
    public byte[] Next()
    {
        List<byte> session = [.. Pick(Connects)];
        for (int packets = _random.Next(10); packets > 0; packets--) session.AddRange(Pick(Others));
        for (int changes = _random.Next(4); changes > 0; changes--) Change(session);
        return [.. session];
    }

    /// <summary>A number below the limit, for the other decisions of a test.</summary>
    public int Choose(int limit) => _random.Next(limit);

    private byte[] Pick(byte[][] from) => from[_random.Next(from.Length)];

    private void Change(List<byte> session)
    {
        int at = _random.Next(session.Count);
        switch (_random.Next(4))
        {
            case 0: session[at] ^= (byte)(1 << _random.Next(8)); break;
            case 1: session[at] = (byte)_random.Next(256); break;
            case 2: session.RemoveRange(at, Math.Min(_random.Next(1, 8), session.Count - at - 1)); break;
            default: session.InsertRange(at, Enumerable.Range(0, _random.Next(1, 8)).Select(_ => (byte)_random.Next(256))); break;
        }
    }
}
