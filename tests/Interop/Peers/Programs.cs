// Where the peers' programs are. A missing one fails the test and says what to install: a skipped interoperability test proves nothing.
using System.Diagnostics;
using Godwit.Testing;
using Xunit.Sdk;

namespace Godwit.Interop.Tests.Peers;

internal static class Programs
{
    // Debian's Python: Paho is installed for that one, whatever else is first in PATH.
    private const string PythonPath = "/usr/bin/python3";

    private static readonly Lazy<string> LazyPython = new(() =>
    {
        if (!File.Exists(PythonPath) || Run(PythonPath, "-c", "import paho.mqtt.client").ExitCode != 0)
            throw Missing("Paho for Python", "python3-paho-mqtt");
        return PythonPath;
    });

    private static readonly Lazy<string> LazyNode = new(() =>
    {
        string node = Find("node", "nodejs npm");
        if (!Directory.Exists(Repository.PathOf("tests/Interop/js/node_modules/mqtt")))
            throw new XunitException("mqtt.js is not installed: run `npm ci` in tests/Interop/js, or ./test.sh Interop.");
        return node;
    });

    private static readonly Lazy<string> LazyCDriver = new(CompileCDriver);

    public static string Python => LazyPython.Value;

    public static string Node => LazyNode.Value;

    public static string CDriver => LazyCDriver.Value;

    /// <summary>Runs a program in its own place, with its output a line at a time.</summary>
    public static string StdBuf => Find("stdbuf", "coreutils");

    /// <summary>mosquitto_pub, mosquitto_sub or mosquitto_rr.</summary>
    public static string MosquittoTool(string verb) => Find($"mosquitto_{verb}", "mosquitto-clients");

    /// <summary>mosquitto_passwd.</summary>
    public static string MosquittoPasswd => Find("mosquitto_passwd", "mosquitto");

    /// <summary>The broker; Debian has it where only root's PATH leads.</summary>
    public static string Mosquitto => File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : Find("mosquitto", "mosquitto");

    /// <summary>tshark, Wireshark's dissectors as a command.</summary>
    public static string Tshark => Find("tshark", "tshark");

    private static string Find(string program, string packages) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists) ?? throw Missing(program, packages);

    private static string CompileCDriver()
    {
        const string Packages = "gcc libc6-dev libpaho-mqtt1.3 libpaho-mqtt-dev";
        string source = Repository.PathOf("tests/Interop/c/driver.c");
        string program = Repository.PathOf("artifacts/interop/c-driver");
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) > File.GetLastWriteTimeUtc(source)) return program;

        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        string fresh = $"{program}.{Environment.ProcessId}";
        (int exitCode, string output) = Run(Find("gcc", Packages),
            "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", source, "-o", fresh, "-lpaho-mqtt3c", "-lpthread");
        if (exitCode != 0) throw new XunitException($"tests/Interop/c/driver.c does not compile. It needs {Packages} (Debian's names).\n{output}");
        File.Move(fresh, program, overwrite: true);
        return program;
    }

    private static XunitException Missing(string what, string packages) =>
        new($"{what} is not installed: install {packages} (Debian's names), or run ./test.sh Interop, which does it.");

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string output = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
