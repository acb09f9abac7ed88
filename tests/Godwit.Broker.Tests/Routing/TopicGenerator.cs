namespace Godwit.Broker.Tests.Routing;

/// <summary>Random topics and filters over few distinct levels, so that matches and overlaps are frequent.</summary>
internal sealed class TopicGenerator(int seed)
{
    private static readonly string[] Levels = ["a", "b", "c", "", "$x", "dev00001", "dev00002", "a-longer-level-name"];
    private readonly Random _random = new(seed);

    public string Topic()
    {
        while (true)
        {
            string topic = string.Join('/', Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Level()));
            if (topic.Length > 0) return topic;
        }
    }

    public string Filter()
    {
        string[] levels = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.Next(3) == 0 ? "+" : Level())];
        if (_random.Next(3) == 0) levels[^1] = "#";
        string filter = string.Join('/', levels);
        return filter.Length > 0 ? filter : "+";
    }

    public bool Coin() => _random.Next(2) == 0;

    public int Next(int exclusiveMaximum) => _random.Next(exclusiveMaximum);

    private string Level() => Levels[_random.Next(Levels.Length)];
}
