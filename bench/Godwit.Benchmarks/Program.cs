// Benchmarks of the parts. Short runs: nanoseconds of code that allocates nothing settle quickly, and there are many of them.
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;

namespace Godwit.Benchmarks;

internal static class Program
{
    private static void Main(string[] args)
    {
        Job job = Job.Default.WithWarmupCount(3).WithIterationCount(5).WithIterationTime(TimeInterval.FromMilliseconds(100));
        IConfig config = DefaultConfig.Instance.AddJob(job).AddExporter(JsonExporter.BriefCompressed).WithArtifactsPath("artifacts/benchmarks");
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
    }
}
