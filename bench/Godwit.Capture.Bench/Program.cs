// How many frames a second come out of a capture file, step by step, beside tshark on the same file in the same minutes.
//
//     dotnet run -c Release --project bench/Godwit.Capture.Bench [-- FRAMES]        default 1,000,000; a minute, nearly all of it tshark's
//     dotnet run -c Release --project bench/Godwit.Capture.Bench -- write FILE FRAMES   only writes the capture, for bench/capture.sh
using System.Diagnostics;
using System.Globalization;
using Godwit.Capture;
using Godwit.Capture.Bench;
using Godwit.Capture.Files;

const int Rounds = 3;
if (args is ["write", var target, var count])
{
    MqttCapture.Write(File.Create(target), int.Parse(count, CultureInfo.InvariantCulture));
    return;
}
int frames = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
string file = Path.Combine(Path.GetTempPath(), $"godwit-capture-bench-{Environment.ProcessId}.pcapng");
try
{
    MqttCapture.Write(File.Create(file), frames);
    Console.WriteLine($"{frames:N0} frames, {new FileInfo(file).Length / 1e6:N0} MB");
    (string Name, Func<long> Run)[] steps =
    [
        ("frames of the file", () => Steps.ReadFrames(file)),
        ("+ IP and TCP", () => Steps.Follow(file, isObserved: false)),
        ("+ a segment observer", () => Steps.Follow(file, isObserved: true)),
        ("tshark -T fields -e tcp.len", () => Steps.Tshark(file)),
    ];
    var best = new double[steps.Length];
    // Interleaved, so that all see the same machine.
    for (int round = 0; round < Rounds; round++)
        for (int i = 0; i < steps.Length; i++)
        {
            long started = Stopwatch.GetTimestamp();
            long counted = steps[i].Run();
            double rate = counted / Stopwatch.GetElapsedTime(started).TotalSeconds;
            best[i] = Math.Max(best[i], rate);
        }
    for (int i = 0; i < steps.Length; i++)
        Console.WriteLine($"{steps[i].Name,-28} {best[i],14:N0} frames/s {1e9 / best[i],8:N0} ns {(best[^1] > 0 ? best[i] / best[^1] : 0),7:N1} x tshark");
    Console.WriteLine($"resident at most: {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:N0} MB");
}
finally
{
    File.Delete(file);
}
