// Enumerations as users write them.
using Godwit.Broker;
using Godwit.Transport;

namespace Godwit.Configuration.Description;

internal static class Words
{
    public static WordKind Overflow { get; } = new("drop-oldest", "drop-newest", "disconnect");

    public static WordKind AckLevel { get; } = new("memory", "os", "fsync");

    public static string Write(OverflowPolicy policy) => Overflow.Words[(int)policy];

    public static OverflowPolicy ReadOverflow(string word) => (OverflowPolicy)Array.IndexOf(Overflow.Words, word);

    public static AcknowledgementLevel ReadAckLevel(string word) => (AcknowledgementLevel)Array.IndexOf(AckLevel.Words, word);

    public static string Write(LoopThreading threads) => threads == LoopThreading.Fixed ? "fixed" : "elastic";

    public static string Write(TransportBackend backend) => backend switch { TransportBackend.Epoll => "epoll", TransportBackend.Sockets => "sockets", _ => "auto" };

    public static TransportBackend ReadBackend(string word) => word switch
    {
        "epoll" => TransportBackend.Epoll,
        "sockets" => TransportBackend.Sockets,
        _ => TransportBackend.Automatic,
    };
}
