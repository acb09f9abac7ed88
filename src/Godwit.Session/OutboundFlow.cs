// The sending half of QoS 1 and 2 (sections 4.3.2 and 4.3.3): packet identifiers (2.2.1), flow control (4.9), and what is sent
// again, in which order, after a reconnect (4.4, 4.6).
//
// Flow control. Every PUBLISH sent on this connection takes one from the quota, the first time and again after Resume. What gives it
// back is the end of that message on this connection: PUBACK, PUBCOMP, or a PUBREC of 0x80 and above. A PUBREL takes nothing, and
// since the quota starts anew with each connection, the PUBCOMP of a message whose PUBLISH went out on an earlier connection gives
// nothing back. Section 4.9 would allow to count that one too, up to the initial quota; but then more PUBLISHes could be
// unacknowledged than the Receive Maximum says, which [MQTT-3.3.4-7] and [MQTT-3.3.4-9] forbid.
//
// The table is indexed by the identifier's low bits. Identifiers are taken in sequence and one whose place is occupied is skipped, so
// there are no collisions to resolve; a table doubles when it is three quarters full. At 65,536 places every identifier has its own.
// Two lists run through the entries, linked by identifier: PUBLISHes in the order of sending, PUBRELs in the order of the PUBRECs.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Godwit.Protocol;

namespace Godwit.Session;

/// <summary>
/// The QoS 1 and 2 messages sent to one peer and not completed: part of the session state (section 4.1). Not thread-safe. There is no
/// table before the first message; <see cref="Trim"/> gives it back once nothing is in flight.
/// </summary>
/// <typeparam name="TMessage">What the owner keeps of a message, usually a reference to it.</typeparam>
public sealed class OutboundFlow<TMessage>
{
    private const int SmallestTable = 16, LargestTable = 65_536;

    private Entry[] _table = [];
    private int _growAt;
    private int _used;
    private List _publishes;
    private List _pubrels;
    private ushort _nextId = 1;
    private ushort _resend;

    /// <summary>Makes an empty flow for a new session.</summary>
    /// <param name="receiveMaximum">
    /// The most QoS 1 and 2 PUBLISHes that may be unacknowledged: the peer's Receive Maximum, or less if the owner wants so. Default
    /// 65,535: the specification's when the peer announces none, and all there are before MQTT 5. For a peer that is not trusted stay
    /// below 49,152: only then a place in the largest table is always found soon, however few messages the peer acknowledges.
    /// </param>
    public OutboundFlow(int receiveMaximum = ushort.MaxValue) => StartQuota(receiveMaximum);

    /// <summary>The most QoS 1 and 2 PUBLISHes that may be unacknowledged on this connection.</summary>
    public int ReceiveMaximum { get; private set; }

    /// <summary>How many PUBLISHes of QoS 1 and 2 the quota allows now. <c>[MQTT-4.9.0-2]</c></summary>
    public int SendQuota { get; private set; }

    /// <summary>QoS 1 and 2 messages that are not completed, those that wait to be sent again included.</summary>
    public int InFlight { get; private set; }

    /// <summary>Whether <see cref="TryNextResend"/> has not given out everything yet. No new message goes ahead of those.</summary>
    public bool IsResuming => _resend != 0;

    /// <summary>Whether <see cref="Begin(QoS, in TMessage)"/> may be called: there is quota, a free identifier, and nothing waits to be sent again.</summary>
    public bool CanSend => SendQuota > 0 && _resend == 0 && _used < ushort.MaxValue;

    /// <summary>Takes a new message into flight; the owner sends it with DUP 0. 5.0: <c>[MQTT-4.3.2-2]</c> <c>[MQTT-4.3.3-2]</c></summary>
    /// <returns>Its packet identifier: not 0 and not in use. <c>[MQTT-2.2.1-3]</c> <c>[MQTT-2.2.1-4]</c></returns>
    /// <exception cref="InvalidOperationException"><see cref="CanSend"/> does not hold, or the QoS is 0.</exception>
    public ushort Begin(QoS qos, in TMessage message)
    {
        if (!CanSend || qos == QoS.AtMostOnce) ThrowCannotBegin();
        ref Entry entry = ref Take((State)qos);
        Begin(ref entry, message);
        return entry.Id;
    }

    /// <summary>As <see cref="Begin(QoS, in TMessage)"/>, with an identifier of the owner's choice: one that is the same after a restart.</summary>
    /// <exception cref="InvalidOperationException"><see cref="CanSend"/> does not hold, the QoS is 0, or the identifier is 0 or in use.</exception>
    public void Begin(QoS qos, in TMessage message, ushort id)
    {
        if (!CanSend || qos == QoS.AtMostOnce || id == 0 || Contains(id)) ThrowCannotBegin();
        MakeRoom(id);
        Begin(ref Occupy(id, (State)qos), message);
    }

    /// <summary>
    /// Takes an identifier for SUBSCRIBE or UNSUBSCRIBE, which share the space with PUBLISH but not the quota. <c>[MQTT-2.2.1-3]</c>
    /// It stays taken, over reconnects too, until <see cref="ReleaseId"/>.
    /// </summary>
    /// <returns>0 if all are in use.</returns>
    public ushort ReserveId() => _used < ushort.MaxValue ? Take(State.Reserved).Id : (ushort)0;

    /// <summary>Frees an identifier of <see cref="ReserveId"/>: SUBACK or UNSUBACK has come, or the request is given up.</summary>
    /// <returns>False if it is not reserved: the peer acknowledges what was not asked.</returns>
    public bool ReleaseId(ushort id)
    {
        ref Entry entry = ref Find(id);
        if (Unsafe.IsNullRef(ref entry) || entry.State != State.Reserved) return false;
        entry = default;
        _used--;
        return true;
    }

    /// <summary>PUBACK has come, with whatever reason code. <c>[MQTT-4.3.2-3]</c> <c>[MQTT-4.4.0-2]</c></summary>
    /// <param name="id">Its packet identifier.</param>
    /// <param name="message">The message, when the outcome is <see cref="AckOutcome.Completed"/>.</param>
    public AckOutcome OnPuback(ushort id, out TMessage? message)
    {
        ref Entry entry = ref Find(id);
        if (Unsafe.IsNullRef(ref entry) || entry.State != State.AwaitingPuback) return Refuse(ref entry, out message);
        return Complete(ref _publishes, ref entry, out message);
    }

    /// <summary>PUBREC has come. <c>[MQTT-4.3.3-3]</c> <c>[MQTT-4.3.3-4]</c> <c>[MQTT-4.4.0-2]</c></summary>
    /// <param name="id">Its packet identifier.</param>
    /// <param name="code">Its reason code; Success before MQTT 5. From 0x80 on the message is completed.</param>
    /// <param name="message">
    /// The message, unless the outcome is Unknown or Mismatch. With <see cref="AckOutcome.SendPubrel"/> its body is not needed any
    /// more: <see cref="Replace"/> lets it go.
    /// </param>
    public AckOutcome OnPubrec(ushort id, ReasonCode code, out TMessage? message)
    {
        ref Entry entry = ref Find(id);
        if (Unsafe.IsNullRef(ref entry)) return Refuse(ref entry, out message);
        if (entry.State == State.AwaitingPubrec)
        {
            if (code.IsError()) return Complete(ref _publishes, ref entry, out message);
            if (id == _resend) AdvanceResend(ref entry);
            Unlink(ref _publishes, ref entry);
            entry.State = State.AwaitingPubcomp;
            if (entry.Share == QuotaShare.Waiting) entry.Share = QuotaShare.None;
            Append(ref _pubrels, ref entry); // [MQTT-4.6.0-4]
        }
        else if (entry.State != State.AwaitingPubcomp || code.IsError())
        {
            return Refuse(ref entry, out message);
        }
        message = entry.Message;
        return AckOutcome.SendPubrel;
    }

    /// <summary>PUBCOMP has come, with whatever reason code. <c>[MQTT-4.3.3-5]</c></summary>
    /// <param name="id">Its packet identifier.</param>
    /// <param name="message">The message, when the outcome is <see cref="AckOutcome.Completed"/>.</param>
    public AckOutcome OnPubcomp(ushort id, out TMessage? message)
    {
        ref Entry entry = ref Find(id);
        if (Unsafe.IsNullRef(ref entry) || entry.State != State.AwaitingPubcomp) return Refuse(ref entry, out message);
        return Complete(ref _pubrels, ref entry, out message);
    }

    /// <summary>
    /// A new connection continues the session: the quota starts anew and everything in flight waits to be sent again.
    /// <c>[MQTT-4.4.0-1]</c> Also right when nothing is in flight: it then only takes over the Receive Maximum. Between connections
    /// messages wait with the owner: one that had begun would be sent with DUP 1.
    /// </summary>
    /// <param name="receiveMaximum">As in the constructor, for the new connection.</param>
    public void Resume(int receiveMaximum)
    {
        StartQuota(receiveMaximum);
        for (ushort id = _pubrels.Head; id != 0; id = Slot(id).Next) Slot(id).Share = QuotaShare.Waiting;
        for (ushort id = _publishes.Head; id != 0; id = Slot(id).Next) Slot(id).Share = QuotaShare.Waiting;
        _resend = _pubrels.Head != 0 ? _pubrels.Head : _publishes.Head;
    }

    /// <summary>
    /// Gives the next entry to send again with its identifier: first the PUBRELs in the order of their PUBRECs <c>[MQTT-4.6.0-4]</c>,
    /// then the PUBLISHes, with DUP 1 <c>[MQTT-3.3.1-1]</c>, in their original order <c>[MQTT-4.6.0-1]</c>. PUBRELs lead because they
    /// need no quota and let the peer forget what it may count against it.
    /// </summary>
    /// <returns>
    /// False if there is none, or (<see cref="IsResuming"/>) the rest has to wait for quota: ask again after each completed message.
    /// </returns>
    public bool TryNextResend(out InFlightMessage<TMessage> next)
    {
        next = default;
        if (_resend == 0) return false;
        ref Entry entry = ref Slot(_resend);
        if (entry.State == State.AwaitingPubcomp)
        {
            entry.Share = QuotaShare.None;
        }
        else
        {
            if (SendQuota == 0) return false; // [MQTT-4.9.0-2]
            SendQuota--;
            entry.Share = QuotaShare.Charged;
        }
        next = entry.ToMessage();
        AdvanceResend(ref entry);
        return true;
    }

    /// <summary>Puts back what a store has kept of a session, entry by entry in the order of <see cref="GetEnumerator"/>; then <see cref="Resume"/>.</summary>
    /// <returns>False, and nothing is changed, if the identifier is 0 or in use, or the QoS is 0: the store is damaged.</returns>
    public bool Restore(in InFlightMessage<TMessage> stored)
    {
        ushort id = stored.PacketId;
        if (id == 0 || stored.QoS == QoS.AtMostOnce || Contains(id)) return false;
        MakeRoom(id);
        ref Entry entry = ref Occupy(id, stored.IsPubrel ? State.AwaitingPubcomp : (State)stored.QoS);
        entry.Share = QuotaShare.None;
        entry.Message = stored.Message;
        Append(ref (stored.IsPubrel ? ref _pubrels : ref _publishes), ref entry);
        InFlight++;
        return true;
    }

    /// <summary>
    /// Takes a message out of flight that will not be sent (again): it was too large for the peer, or somebody else shall have it. An
    /// acknowledgement that comes for it later is <see cref="AckOutcome.Unknown"/>.
    /// </summary>
    /// <returns>False if there is no such message in flight.</returns>
    public bool TryCancel(ushort id, out TMessage? message)
    {
        ref Entry entry = ref Find(id);
        if (Unsafe.IsNullRef(ref entry) || entry.State == State.Reserved)
        {
            message = default;
            return false;
        }
        Complete(ref (entry.State == State.AwaitingPubcomp ? ref _pubrels : ref _publishes), ref entry, out message);
        return true;
    }

    /// <summary>Whether the identifier is in use, by a message or reserved.</summary>
    public bool Contains(ushort id) => !Unsafe.IsNullRef(ref Find(id));

    /// <summary>Replaces what is kept of a message, for example to let its body go after PUBREC.</summary>
    /// <returns>False if there is no such message in flight.</returns>
    public bool Replace(ushort id, in TMessage message)
    {
        ref Entry entry = ref Find(id);
        if (Unsafe.IsNullRef(ref entry) || entry.State == State.Reserved) return false;
        entry.Message = message;
        return true;
    }

    /// <summary>The session has ended: forgets everything, reserved identifiers too. Enumerate first to account for the messages.</summary>
    public void Clear()
    {
        _used = InFlight = 0;
        _publishes = _pubrels = default;
        _resend = 0;
        SendQuota = ReceiveMaximum;
        Trim();
    }

    /// <summary>
    /// Gives the table back if nothing is in flight. Not done by itself, so that steady traffic never allocates; for the owner to call
    /// when the connection ends or has been idle.
    /// </summary>
    public void Trim()
    {
        if (_used != 0) return;
        _table = [];
        _growAt = 0;
    }

    /// <summary>
    /// Walks over what is in flight in the order in which it would be sent again: PUBRELs, then PUBLISHes. The flow must not change
    /// meanwhile.
    /// </summary>
    public Enumerator GetEnumerator() => new(this);

    private void StartQuota(int receiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(receiveMaximum, 1); // [MQTT-4.9.0-1]
        ArgumentOutOfRangeException.ThrowIfGreaterThan(receiveMaximum, ushort.MaxValue);
        ReceiveMaximum = SendQuota = receiveMaximum;
    }

    private void Begin(ref Entry entry, in TMessage message)
    {
        entry.Message = message;
        Append(ref _publishes, ref entry);
        SendQuota--;
        InFlight++;
    }

    private void MakeRoom(ushort id)
    {
        while (_used >= _growAt || Slot(id).Id != 0) Grow();
    }

    private static AckOutcome Refuse(ref Entry entry, out TMessage? message)
    {
        message = default;
        return Unsafe.IsNullRef(ref entry) ? AckOutcome.Unknown : AckOutcome.Mismatch;
    }

    private AckOutcome Complete(ref List list, ref Entry entry, out TMessage? message)
    {
        if (entry.Id == _resend) AdvanceResend(ref entry);
        Unlink(ref list, ref entry);
        if (entry.Share == QuotaShare.Charged) SendQuota++;
        InFlight--;
        _used--;
        message = entry.Message;
        entry = default;
        return AckOutcome.Completed;
    }

    // From the entry that _resend stands at to the next one that waits, in the order of TryNextResend.
    private void AdvanceResend(ref Entry entry)
    {
        do
        {
            _resend = entry.Next == 0 && entry.State == State.AwaitingPubcomp ? _publishes.Head : entry.Next;
            if (_resend == 0) return;
            entry = ref Slot(_resend);
        }
        while (entry.Share != QuotaShare.Waiting);
    }

    private ref Entry Slot(ushort id) => ref _table[id & (_table.Length - 1)];

    private ref Entry Find(ushort id)
    {
        Entry[] table = _table;
        int index = id & (table.Length - 1);
        if ((uint)index < (uint)table.Length && id != 0)
        {
            ref Entry entry = ref table[index];
            if (entry.Id == id) return ref entry;
        }
        return ref Unsafe.NullRef<Entry>();
    }

    private ref Entry Take(State state)
    {
        if (_used >= _growAt) Grow();
        ushort id = _nextId;
        while (id == 0 || Slot(id).Id != 0) id++;
        return ref Occupy(id, state);
    }

    private ref Entry Occupy(ushort id, State state)
    {
        ref Entry entry = ref Slot(id);
        entry.Id = id;
        entry.State = state;
        _nextId = (ushort)(id + 1);
        _used++;
        return ref entry;
    }

    private void Grow()
    {
        int size = Math.Max(SmallestTable, _table.Length * 2);
        var table = new Entry[size];
        foreach (ref Entry entry in _table.AsSpan())
        {
            if (entry.Id != 0) table[entry.Id & (size - 1)] = entry;
        }
        _table = table;
        _growAt = size == LargestTable ? int.MaxValue : size / 4 * 3;
    }

    private void Append(ref List list, ref Entry entry)
    {
        entry.Previous = list.Tail;
        entry.Next = 0;
        if (list.Tail == 0) list.Head = entry.Id;
        else Slot(list.Tail).Next = entry.Id;
        list.Tail = entry.Id;
    }

    private void Unlink(ref List list, ref Entry entry)
    {
        if (entry.Previous == 0) list.Head = entry.Next;
        else Slot(entry.Previous).Next = entry.Next;
        if (entry.Next == 0) list.Tail = entry.Previous;
        else Slot(entry.Next).Previous = entry.Previous;
    }

    [DoesNotReturn]
    private static void ThrowCannotBegin() =>
        throw new InvalidOperationException("A message can begin only with QoS 1 or 2, while CanSend holds, and with a free identifier.");

    // The first two have the value of the QoS.
    private enum State : byte
    {
        AwaitingPuback = QoS.AtLeastOnce,
        AwaitingPubrec = QoS.ExactlyOnce,
        AwaitingPubcomp,
        Reserved,
    }

    private enum QuotaShare : byte
    {
        /// <summary>The PUBLISH was sent on this connection and holds one of the quota.</summary>
        Charged,

        /// <summary>Nothing was sent on this connection yet; <see cref="TryNextResend"/> will give it out.</summary>
        Waiting,

        /// <summary>On this connection only PUBREL was sent; or it is restored and no connection has come yet.</summary>
        None,
    }

    private struct List
    {
        public ushort Head;
        public ushort Tail;
    }

    // Free when Id is 0. Eight bytes and the message.
    private struct Entry
    {
        public ushort Id;
        public ushort Previous;
        public ushort Next;
        public State State;
        public QuotaShare Share;
        public TMessage Message;

        public readonly InFlightMessage<TMessage> ToMessage() => new(
            Id, State == State.AwaitingPuback ? QoS.AtLeastOnce : QoS.ExactlyOnce, State == State.AwaitingPubcomp, Message);
    }

    /// <summary>Walks over what is in flight.</summary>
    public struct Enumerator
    {
        private readonly OutboundFlow<TMessage> _flow;
        private ushort _next;

        internal Enumerator(OutboundFlow<TMessage> flow)
        {
            _flow = flow;
            _next = flow._pubrels.Head != 0 ? flow._pubrels.Head : flow._publishes.Head;
        }

        /// <summary>The entry reached.</summary>
        public InFlightMessage<TMessage> Current { get; private set; }

        /// <summary>Goes to the next entry.</summary>
        public bool MoveNext()
        {
            if (_next == 0) return false;
            ref Entry entry = ref _flow.Slot(_next);
            Current = entry.ToMessage();
            _next = entry.Next == 0 && Current.IsPubrel ? _flow._publishes.Head : entry.Next;
            return true;
        }
    }
}
