using System.Text;
using BenchmarkDotNet.Attributes;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Access;

namespace Godwit.Benchmarks;

/// <summary>Asking whether a client may publish: a topic it has used lately, one of many, and one that is new, by the number of its rules.</summary>
[MemoryDiagnoser]
public class AccessBenchmarks
{
    private const int ManyTopics = 64;

    private readonly byte[] _topic = Encoding.UTF8.GetBytes("plant/line7/sensor42/temperature");
    private readonly byte[][] _topics = [.. Enumerable.Range(0, ManyTopics).Select(i => Encoding.UTF8.GetBytes($"plant/line7/sensor{i}/temperature"))];
    private readonly byte[] _long = Encoding.UTF8.GetBytes("plant/line7/sensor42/" + new string('x', 256)); // is not remembered
    private IClientAccess _access = null!;
    private int _next;

    /// <summary>Rules of the client, the last of which decides.</summary>
    [Params(1, 10, 100)]
    public int Rules { get; set; }

    /// <summary>Makes the rules.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string path = Path.GetTempFileName();
        string others = string.Concat(Enumerable.Range(1, Rules - 1).Select(i => $"topic write plant/line7/other{i}/#\n"));
        File.WriteAllText(path, $"user bench\n{others}topic write plant/line7/#\n");
        _access = PolicyAuthorizer.FromAclFile(path).Open(new ClientFacts("bench", "bench"));
        File.Delete(path);
    }

    /// <summary>The topic that the client has just used.</summary>
    [Benchmark]
    public bool Same() => _access.MayPublish(_topic, QoS.AtLeastOnce, false);

    /// <summary>One of 64 topics in turn.</summary>
    [Benchmark]
    public bool InTurn() => _access.MayPublish(_topics[_next++ % ManyTopics], QoS.AtLeastOnce, false);

    /// <summary>A topic whose answer is not remembered.</summary>
    [Benchmark]
    public bool New() => _access.MayPublish(_long, QoS.AtLeastOnce, false);
}
