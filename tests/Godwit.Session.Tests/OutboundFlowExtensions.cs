namespace Godwit.Session.Tests;

internal static class OutboundFlowExtensions
{
    public static List<InFlightMessage<T>> ToList<T>(this OutboundFlow<T> flow)
    {
        var list = new List<InFlightMessage<T>>();
        foreach (InFlightMessage<T> entry in flow) list.Add(entry);
        return list;
    }

    public static List<InFlightMessage<T>> ResendAll<T>(this OutboundFlow<T> flow)
    {
        var list = new List<InFlightMessage<T>>();
        while (flow.TryNextResend(out InFlightMessage<T> next)) list.Add(next);
        return list;
    }
}
