using Godwit.Transport;

namespace Godwit.Client.Connections;

/// <summary>The loop of clients that have none of their own: one background thread, started with the first such client.</summary>
internal static class SharedLoop
{
    private static readonly Lazy<EventLoop> Loop = new(Start);

    public static EventLoop Instance => Loop.Value;

    private static EventLoop Start()
    {
        var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });
        group.Start();
        return group.Loops[0];
    }
}
