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

    /// <summary>Tells the time of day of moments in loop milliseconds. On the loop's thread; what it returns may be used on any.</summary>
    public static Func<long, DateTimeOffset> Clock(this EventLoop loop)
    {
        (DateTimeOffset time, long now) = (loop.TimeProvider.GetUtcNow(), loop.Now);
        return moment => time.AddMilliseconds(moment - now);
    }
}
