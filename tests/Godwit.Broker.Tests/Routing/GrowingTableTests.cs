using Godwit.Broker.Routing;

namespace Godwit.Broker.Tests.Routing;

public sealed class GrowingTableTests
{
    [Theory]
    [InlineData(1)] // as they come
    [InlineData(64)] // many to a bucket
    public void Find_ManyComeAndGo_FindsThoseThatAreThere(int spread)
    {
        var table = new GrowingTable();
        var random = new Random(5);
        var there = new Dictionary<int, Entry>();
        for (int step = 0; step < 40_000; step++)
        {
            int value = random.Next(10_000);
            if (there.Remove(value, out Entry? known))
            {
                table.Remove(known);
            }
            else
            {
                table.Add(there[value] = new Entry(value, value / spread * 7919));
            }
            int other = random.Next(10_000);
            Assert.Same(there.GetValueOrDefault(other), table.Find(new Key(other, other / spread * 7919)));
        }
        Assert.Equal(there.Count, table.Count);
    }

    [Fact]
    public void Find_WhileItGrows_MissesNothing()
    {
        var table = new GrowingTable();
        for (int i = 0; i < 1000; i++) table.Add(new Entry(i, i * 7919));
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (int i = 1000; i < 400_000 && !stop.IsCancellationRequested; i++) table.Add(new Entry(i, i * 7919));
        });
        writer.Start();
        for (int i = 0; i < 200_000; i++) Assert.NotNull(table.Find(new Key(i % 1000, i % 1000 * 7919)));
        stop.Cancel();
        writer.Join();
    }

    private sealed class Entry(int value, int hash) : TableEntry(hash)
    {
        public int Value => value;
    }

    private readonly struct Key(int value, int hash) : ITableKey
    {
        public int Hash => hash;

        public bool Is(TableEntry entry) => ((Entry)entry).Value == value;
    }
}
