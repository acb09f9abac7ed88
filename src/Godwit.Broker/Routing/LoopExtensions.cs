using Godwit.Transport;

namespace Godwit.Broker.Routing;

internal static class LoopExtensions
{
    /// <summary>Runs at once on the loop's own thread, otherwise by its inbox.</summary>
    public static void PostOrRun(this EventLoop loop, Action action)
    {
        if (loop.IsCurrent) action();
        else loop.Post(action);
    }
}
