// Order, gaps, late and repeated messages of one publisher, against a set that remembers everything.
using FsCheck;
using FsCheck.Fluent;

namespace Godwit.Bench.Tests;

public class SequenceTrackerTests
{
    [Theory]
    [InlineData("0 1 2 3", "iiii")]
    [InlineData("0 2 1 3", "igLi")]
    [InlineData("0 0 1 1", "iDiD")]
    [InlineData("3 0 1 2 4", "gLLLi")]
    [InlineData("2 1 1 0 2", "gLDLD")]
    [InlineData("0 40000 1 39999 39999", "igDLD")] // 1 is too far back to be known
    public void Accept_Sequences_AreTold(string sequences, string expected)
    {
        var tracker = new SequenceTracker();

        string found = string.Concat(sequences.Split(' ').Select(text => "igLD"[(int)tracker.Accept(long.Parse(text))]));

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Accept_RandomNetwork_AgreesWithASetOfAll()
    {
        Gen<int[]> steps = Gen.Choose(-6, 5).ListOf().Select(list => list.ToArray());
        Prop.ForAll(steps.ToArbitrary(), distances =>
        {
            var tracker = new SequenceTracker();
            var seen = new HashSet<long>();
            long next = 0;
            foreach (int distance in distances)
            {
                long sequence = Math.Max(0, next + distance);
                Arrival expected = seen.Contains(sequence) ? Arrival.Duplicate : sequence < next ? Arrival.Late : sequence == next ? Arrival.InOrder : Arrival.AfterGap;
                if (tracker.Accept(sequence) != expected) return false;
                seen.Add(sequence);
                next = Math.Max(next, sequence + 1);
            }
            return tracker.Next == next;
        }).Check(Config.QuickThrowOnFailure.WithReplay(20_240_229, 5).WithMaxTest(200).WithEndSize(400));
    }

    [Fact]
    public void Accept_ManyRoundsOfTheMemory_KeepsTellingLateFromRepeated()
    {
        var tracker = new SequenceTracker();
        for (long i = 0; i < 5 * SequenceTracker.Memory; i += 2)
        {
            Assert.Equal(Arrival.AfterGap, tracker.Accept(i + 1));
            Assert.Equal(Arrival.Late, tracker.Accept(i));
            Assert.Equal(Arrival.Duplicate, tracker.Accept(i));
        }
    }
}
