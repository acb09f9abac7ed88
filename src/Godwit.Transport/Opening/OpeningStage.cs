// One of the things a connection goes through before its real handler gets it: recognising what it is, PROXY header, TLS, WebSocket.
namespace Godwit.Transport.Opening;

internal abstract class OpeningStage
{
    /// <summary>It is this stage's turn.</summary>
    public virtual void Begin(OpeningHandler opening)
    {
    }

    /// <summary>
    /// Looks at the input. When it has what it needs it installs a filter or notes facts and calls <see cref="OpeningHandler.Proceed"/>; or it
    /// calls <see cref="OpeningHandler.Refuse"/>.
    /// </summary>
    /// <returns>How many bytes are consumed.</returns>
    public abstract int OnReceived(OpeningHandler opening, ReadOnlySpan<byte> input);

    /// <summary>What it waits for, for the log when the time is over.</summary>
    public abstract string AwaitedThing { get; }
}
