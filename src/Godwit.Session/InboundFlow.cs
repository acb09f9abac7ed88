// The receiving half of QoS 1 and 2 (sections 4.3.2 and 4.3.3) and this side's Receive Maximum (3.3.4).
//
// A QoS 1 message is a count, nothing else: once acknowledged its identifier is new again, and before that a receiver need not
// compare. QoS 2 identifiers are remembered from PUBLISH to PUBREL, over connections. They are kept in two sets, because only a
// PUBLISH of this connection counts against the Receive Maximum: what came on an earlier one counts once it is sent again.
//
// The count mirrors the sender's quota as section 4.9 describes it, which is more generous than 3.3.4: each PUBACK or PUBCOMP gives
// one back, also a PUBCOMP for a PUBLISH of an earlier connection. A sender that takes the section by its letter may then have more
// PUBLISHes outstanding than the maximum; the count may therefore go below zero, down to minus the maximum, so that this is no error.
using Godwit.Protocol;

namespace Godwit.Session;

/// <summary>
/// What one peer has sent with QoS 1 and 2 and this side has not finished with. The QoS 2 identifiers are session state (section 4.1).
/// Not thread-safe; bounded by the 65,535 identifiers.
/// </summary>
public sealed class InboundFlow
{
    private PacketIdSet _current;
    private PacketIdSet _earlier;
    private int _receiveMaximum;

    /// <summary>Makes an empty flow for a new session.</summary>
    /// <param name="receiveMaximum">See <see cref="ReceiveMaximum"/>.</param>
    public InboundFlow(int receiveMaximum = ushort.MaxValue) => ReceiveMaximum = receiveMaximum;

    /// <summary>
    /// The most QoS 1 and 2 PUBLISHes that this side has announced to take unacknowledged: 1 to 65,535, default 65,535. May be set for
    /// each connection.
    /// </summary>
    public int ReceiveMaximum
    {
        get => _receiveMaximum;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue);
            _receiveMaximum = value;
        }
    }

    /// <summary>PUBLISHes that count against <see cref="ReceiveMaximum"/>. Below 0 while the peer has credit from an earlier connection.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>How many QoS 2 identifiers are known: PUBLISH has come, PUBREL has not.</summary>
    public int KnownIds => _current.Count + _earlier.Count;

    /// <summary>The known QoS 2 identifiers, in no order; for a store, and for people. The flow must not change meanwhile.</summary>
    public IEnumerable<ushort> PacketIds => _current.Concat(_earlier);

    /// <summary>PUBLISH has come. DUP plays no part in any of the rules. <c>[MQTT-4.3.2-5]</c> <c>[MQTT-4.3.3-10]</c></summary>
    public PublishVerdict OnPublish(QoS qos, ushort id)
    {
        if (qos == QoS.AtMostOnce) return PublishVerdict.Deliver;
        bool isExactlyOnce = qos == QoS.ExactlyOnce;
        if (isExactlyOnce && _current.Contains(id)) return PublishVerdict.Duplicate; // repeated within one connection: counted already
        if (Unacknowledged >= _receiveMaximum) return PublishVerdict.ReceiveMaximumExceeded;
        Unacknowledged++;
        if (!isExactlyOnce) return PublishVerdict.Deliver;
        _current.Add(id);
        return _earlier.Remove(id) ? PublishVerdict.Duplicate : PublishVerdict.Deliver;
    }

    /// <summary>PUBACK has been sent, with whatever reason code, for a PUBLISH of this connection. <c>[MQTT-4.3.2-4]</c></summary>
    public void OnPubackSent() => GiveBack();

    /// <summary>PUBREC has been sent. From 0x80 on that was the end: the identifier stands for a new message again. <c>[MQTT-4.3.3-9]</c></summary>
    public void OnPubrecSent(ushort id, ReasonCode code)
    {
        if (!code.IsError()) return;
        if (_current.Remove(id)) GiveBack();
        else _earlier.Remove(id);
    }

    /// <summary>PUBREL has come; PUBCOMP is to be sent at once. <c>[MQTT-4.3.3-11]</c> <c>[MQTT-4.3.3-12]</c></summary>
    public PubrelVerdict OnPubrel(ushort id)
    {
        GiveBack();
        return _current.Remove(id) || _earlier.Remove(id) ? PubrelVerdict.Release : PubrelVerdict.Unknown;
    }

    /// <summary>
    /// The connection has ended and the session lives on: QoS 1 messages will be sent again as new ones, QoS 2 identifiers stay known.
    /// <c>[MQTT-4.1.0-1]</c> For a message of the lost connection do not report PUBACK any more; a refusing PUBREC, yes: it makes the
    /// identifier new.
    /// </summary>
    public void OnConnectionLost()
    {
        Unacknowledged = 0;
        _current.MoveTo(ref _earlier);
        Trim();
    }

    /// <summary>Puts back an identifier that a store has kept of an earlier connection.</summary>
    public void Restore(ushort id) => _earlier.Add(id);

    /// <summary>Gives memory back if no identifier is known; for the owner to call when the connection has been idle.</summary>
    public void Trim()
    {
        _current.Trim();
        _earlier.Trim();
    }

    private void GiveBack()
    {
        if (Unacknowledged > -_receiveMaximum) Unacknowledged--;
    }
}
