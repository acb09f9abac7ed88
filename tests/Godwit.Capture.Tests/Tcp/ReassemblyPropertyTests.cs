// Two streams through a network and a capture that do all they may do: cut anywhere, send again cut differently, overtake, show twice, and miss.
// What comes out must be what was sent, with gaps exactly where the capture has missed bytes.
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Network;

namespace Godwit.Capture.Tests.Tcp;

public class ReassemblyPropertyTests
{
    private const int Runs = 250;

    [Fact]
    public void Streams_ThroughAnyNetwork_ComeOutAsTheyWereSent()
    {
        for (int seed = 0; seed < Runs; seed++) Check(new Random(seed), seed, missed: 0);
    }

    [Fact]
    public void Streams_OfWhichTheCaptureMissesSome_HaveGapsExactlyThere()
    {
        for (int seed = 0; seed < Runs; seed++) Check(new Random(seed), seed, missed: 0.1);
    }

    private static void Check(Random random, int seed, double missed)
    {
        var ends = new[] { new End(random, 40_000, 1883, missed), new End(random, 1883, 40_000, missed) };
        List<byte[]> frames = Transfer(random, ends);
        Swap(random, frames);
        var wire = new Wire(isObserved: seed % 2 == 0);
        foreach (byte[] frame in frames)
        {
            wire.Microseconds -= 95; // 5 apart: what is swapped stays within what is waited for
            wire.Feed(frame);
        }
        wire.Complete();

        foreach (Side side in new[] { Side.Initiator, Side.Responder })
            Assert.True(ends[(int)side].Expected.SequenceEqual(wire.Stream.BytesOf(side)), $"seed {seed}, {side}: {wire.Stream}");
        Assert.Equal(0, wire.Counters.Skipped.Sum(entry => entry.Count));
    }

    private static List<byte[]> Transfer(Random random, End[] ends)
    {
        var frames = new List<byte[]> { ends[0].Make(0, 0, TcpFlags.Syn, 0), ends[1].Make(0, 0, TcpFlags.Syn | TcpFlags.Ack, ends[0].Raw(1)), ends[0].Make(1, 1, TcpFlags.Ack, ends[1].Raw(1)) };
        while (ends.Any(end => end.Sent < end.Data.Length))
        {
            int which = random.Next(2);
            End from = ends[which], to = ends[1 - which];
            int start = random.Next(4) == 0 ? random.Next(from.Sent + 1) : from.Sent; // something again, cut anew, or the next
            int end = Math.Min(from.Data.Length, start + random.Next(0, 40));
            from.Sent = Math.Max(from.Sent, end);
            foreach ((int first, int last) in from.Captured(start, end))
            {
                byte[] frame = from.Make(1 + first, 1 + last, TcpFlags.Ack, to.Raw(1 + to.Sent));
                frames.Add(frame);
                if (random.Next(10) == 0) frames.Add(frame);
            }
            if (random.Next(2) == 0) frames.Add(to.Make(1 + to.Sent, 1 + to.Sent, TcpFlags.Ack, from.Raw(1 + from.Sent)));
        }
        foreach (int which in new[] { 0, 1 })
        {
            End from = ends[which], to = ends[1 - which];
            frames.Add(from.Make(1 + from.Sent, 1 + from.Sent, TcpFlags.Fin | TcpFlags.Ack, to.Raw(1 + to.Sent)));
        }
        return frames;
    }

    /// <summary>Lets frames overtake others, not more than eight of them.</summary>
    private static void Swap(Random random, List<byte[]> frames)
    {
        for (int i = 3; i < frames.Count; i++)
            if (random.Next(5) == 0)
            {
                int to = Math.Max(3, i - random.Next(1, 8));
                byte[] frame = frames[i];
                frames.RemoveAt(i);
                frames.Insert(to, frame);
            }
    }

    /// <summary>What one end sends.</summary>
    private sealed class End
    {
        private readonly ushort _port, _otherPort;
        private readonly uint _start;
        private readonly bool[] _missed;
        private ushort _identification;

        public End(Random random, ushort port, ushort otherPort, double missed)
        {
            (_port, _otherPort) = (port, otherPort);
            _start = random.Next(2) == 0 ? (uint)random.NextInt64(1L << 32) : uint.MaxValue - (uint)random.Next(500);
            Data = new byte[random.Next(1000)];
            for (int i = 0; i < Data.Length; i++) Data[i] = (byte)('a' + random.Next(26));
            _missed = new bool[Data.Length];
            for (int i = 0; i < Data.Length; i++) _missed[i] = i % 15 == 0 ? random.NextDouble() < missed : _missed[i - 1];
        }

        public byte[] Data { get; }

        public int Sent { get; set; }

        public IEnumerable<byte> Expected => Data.Select((value, index) => _missed[index] ? (byte)'?' : value);

        /// <summary>The parts of a range that the capture does not miss; one if it misses nothing.</summary>
        public IEnumerable<(int Start, int End)> Captured(int start, int end)
        {
            for (int i = start; i <= end; i++)
                if (i == end || _missed[i])
                {
                    if (i > start) yield return (start, i);
                    start = i + 1;
                }
        }

        public uint Raw(int position) => _start + (uint)position;

        public byte[] Make(int start, int end, TcpFlags flags, uint acknowledgement)
        {
            ReadOnlySpan<byte> data = start == end ? default : Data.AsSpan(start - 1, end - start);
            (string source, string destination) = _port == 1883 ? (Wire.ServerAddress, Wire.ClientAddress) : (Wire.ClientAddress, Wire.ServerAddress);
            return Frames.Ethernet(Frames.IPv4Type,
                Frames.IPv4(source, destination, Frames.Tcp(_port, _otherPort, Raw(start), acknowledgement, flags, data), identification: ++_identification));
        }
    }
}
