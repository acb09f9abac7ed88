// trace: has an administrator shown what goes through connections, until he goes or the time is over.
using Godwit.Broker.Tracing;

namespace Godwit.Broker.Control;

internal static class TraceCommand
{
    // Bytes that a message of a trace must be able to have.
    private const int LeastRoom = 64 * 1024;

    /// <summary>Begins a trace; it is answered when all connections have been looked at.</summary>
    /// <returns>Null, or what is wrong with the request.</returns>
    public static string? Start(Shard shard, ControlRequest request, ControlReply reply)
    {
        if (request.Seconds is < 1 or > uint.MaxValue) return "seconds may be 1 to 4294967295; without them a trace ends with its connection.";
        if (request.Passwords == true && !shard.Options.TracePasswords) return "This broker shows no passwords: its setting control.trace_passwords would allow it.";
        if (reply.Room < LeastRoom) return $"Your Maximum Packet Size is too small for a trace: {LeastRoom + 1024} bytes are needed at least.";
        if (TraceFilter.Read(request, out TraceFilter filter) is { } wrong) return wrong;
        var trace = new Trace(filter, request.Passwords == true, request.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, reply);
        if (!shard.Broker.Traces.TryAdd(trace)) return $"There are {TraceTable.Most} traces already: end one of them first.";
        trace.Begin();
        return null;
    }
}
