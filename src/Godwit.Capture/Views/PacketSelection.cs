using Godwit.Capture.Conversations;
using Godwit.Capture.Filters;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Views;

/// <summary>Which packets are wanted.</summary>
public sealed record PacketChoice
{
    /// <summary>The condition; null = all.</summary>
    public CaptureFilter? Filter { get; init; }

    /// <summary>The client identifier; null = all.</summary>
    public string? ClientId { get; init; }

    /// <summary>Not before; null = from the beginning.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Not behind; null = up to the end.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>How many at most; null = all.</summary>
    public long? Count { get; init; }

    /// <summary>Whether packets are left out by what they are, so that gaps and ends of connections mean little.</summary>
    public bool IsSelective => Filter is not null || ClientId is not null || From is not null || To is not null;
}

/// <summary>Passes the wanted packets on.</summary>
/// <param name="choice">Which.</param>
/// <param name="views">To whom.</param>
/// <param name="onEnough">Called when nothing more can be wanted.</param>
public sealed class PacketSelection(PacketChoice choice, IReadOnlyList<IPacketView> views, Action onEnough) : IPacketView
{
    private readonly byte[]? _client = choice.ClientId is null ? null : System.Text.Encoding.UTF8.GetBytes(choice.ClientId);
    private readonly IPacketView[] _views = [.. views];
    private bool _isEnough;

    /// <summary>How many were wanted so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        if (_isEnough || !IsWanted(packet, context)) return;
        Count++;
        foreach (IPacketView view in _views) view.OnPacket(packet, context);
        if (Count == choice.Count) End();
    }

    /// <inheritdoc/>
    public void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
        if (_isEnough || choice.IsSelective) return;
        foreach (IPacketView view in _views) view.OnSkipped(conversation, from, count, reason, at);
    }

    /// <inheritdoc/>
    public void OnOver(Conversation conversation)
    {
        if (_isEnough || choice.IsSelective) return;
        foreach (IPacketView view in _views) view.OnOver(conversation);
    }

    private bool IsWanted(in ObservedPacket packet, PacketContext context)
    {
        long at = packet.Last.Time;
        if (choice.To is { } to && at > to.Since1970(context.CaptureStart))
        {
            End();
            return false;
        }
        if (choice.From is { } from && at < from.Since1970(context.CaptureStart)) return false;
        if (_client is not null && (context.ClientId is null || !context.Conversation.ClientIdBytes.Span.SequenceEqual(_client))) return false;
        return choice.Filter is null || choice.Filter.Matches(packet, context);
    }

    private void End()
    {
        _isEnough = true;
        onEnough();
    }
}
