using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Godwit.Scale;

/// <summary>A fresh `godwit broker` with its defaults on a free port, in a process of its own.</summary>
internal sealed class BrokerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _log = Path.GetTempFileName();

    public BrokerProcess(string? program)
    {
        program ??= FindProgram();
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        // The shell gives the log a file, as an operator would; exec keeps the process number.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" broker -p {EndPoint.Port} 2>\"$1\"", program, _log]);
        _process = Process.Start(start)!;
        for (int i = 0; i < 300 && !_process.HasExited; i++)
        {
            Thread.Sleep(100);
            if (IsListening()) return;
        }
        string log = File.ReadAllText(_log);
        Dispose();
        throw new InvalidOperationException($"{program} broker does not listen: {log}");
    }

    public IPEndPoint EndPoint { get; }

    public long ResidentBytes => Memory.Resident(_process.Id);

    /// <summary>The broker's CPU so far over all its threads, in nanoseconds.</summary>
    public long CpuNanoseconds => Directory.EnumerateDirectories($"/proc/{_process.Id}/task")
        .Sum(task => long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0]));

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_log);
    }

    private static string FindProgram()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string program = Path.Combine(directory.FullName, "godwit");
            if (File.Exists(program)) return program;
        }
        throw new InvalidOperationException("There is no godwit program above this one; name it with --godwit.");
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private bool IsListening()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(EndPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
