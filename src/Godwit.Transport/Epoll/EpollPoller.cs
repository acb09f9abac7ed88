// One epoll set, level-triggered. An event carries a slot's number and generation instead of a handle per connection, so that an
// event that was fetched before its connection was closed is recognised and dropped.
using System.Buffers;
using System.Runtime.InteropServices;
using static Godwit.Transport.Epoll.LibC;

namespace Godwit.Transport.Epoll;

/// <summary>Something with a file descriptor in an epoll set.</summary>
internal interface IEpollTarget
{
    void OnEvents(uint events);
}

internal sealed unsafe class EpollPoller : IPoller, IEpollTarget
{
    private const int MaxEvents = 512;
    private const ulong WakeKey = ulong.MaxValue;

    // struct epoll_event is packed on x64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - 8;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte[] _eventArray = GC.AllocateUninitializedArray<byte>(MaxEvents * 16, pinned: true);
    private readonly byte* _events;
    private readonly Lock _wakeLock = new(); // late posters against Dispose
    private Slot[] _slots = new Slot[16];
    private int _firstFree = -1;
    private int _used;
    private int _ready;
    private int _slotAtWatcher = -1;
    private bool _isReported; // by the poller that watches this one
    private bool _isDisposed;

    public EpollPoller()
    {
        _events = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_eventArray, 0);
        _epoll = epoll_create1(CloseOnExec);
        if (_epoll < 0) throw LastException();
        _wake = eventfd(0, CloseOnExec | EventFdNonBlocking);
        if (_wake < 0)
        {
            Exception exception = LastException();
            _ = close(_epoll);
            throw exception;
        }
        Control(EPOLL_CTL_ADD, _wake, EPOLLIN, WakeKey);
    }

    /// <summary>Room for the pins of one gathering send.</summary>
    public MemoryHandle[] Pins { get; } = new MemoryHandle[EpollConnection.MaxVectors];

    public void Wait(long nanoseconds)
    {
        _isReported = false;
        _ready = 0;
        (long milliseconds, long rest) = Math.DivRem(nanoseconds, 1_000_000);
        if (rest > 0)
        {
            // epoll_wait counts in milliseconds; ppoll on the set waits more exactly, and is there on every kernel (epoll_pwait2 is not).
            var set = new PollRequest { Descriptor = _epoll, Events = POLLIN };
            var time = new TimeSpecification { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
            _ = ppoll(&set, 1, &time, null);
            milliseconds = 0;
        }
        int count = epoll_wait(_epoll, _events, MaxEvents, nanoseconds < 0 ? -1 : (int)milliseconds);
        if (count >= 0) _ready = count;
        else if (Errno != EINTR) throw LastException();
    }

    public bool HasEvents => _ready > 0 || _isReported;

    public bool Dispatch(EventLoop loop)
    {
        if (_isReported) Wait(0);
        bool any = false;
        for (int i = 0; i < _ready; i++)
        {
            byte* entry = _events + i * EventSize;
            uint events = *(uint*)entry;
            ulong key = *(ulong*)(entry + DataOffset);
            if (key == WakeKey)
            {
                ulong count;
                _ = read(_wake, &count, sizeof(ulong));
                continue;
            }
            ref Slot slot = ref _slots[(int)(uint)key];
            if (slot.Generation != (uint)(key >> 32) || slot.Target is not { } target) continue;
            any = true;
            try
            {
                target.OnEvents(events);
            }
            catch (Exception exception)
            {
                loop.OnUnexpected(exception);
            }
        }
        _ready = 0;
        return any;
    }

    // An epoll set is itself a descriptor that is readable while it has events.
    public void Watch(IPoller other)
    {
        var watched = (EpollPoller)other;
        watched._slotAtWatcher = Add(watched, watched._epoll, EPOLLIN);
        watched._isReported = true; // what it has seen already
    }

    public void Unwatch(IPoller other)
    {
        var watched = (EpollPoller)other;
        Delete(watched._slotAtWatcher, watched._epoll);
        watched._slotAtWatcher = -1;
    }

    void IEpollTarget.OnEvents(uint events) => _isReported = true;

    public void Wake()
    {
        lock (_wakeLock)
        {
            if (_isDisposed) return;
            ulong one = 1;
            _ = write(_wake, &one, sizeof(ulong));
        }
    }

    /// <summary>Watches a descriptor.</summary>
    /// <returns>Its slot.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The system has no room for another one.</exception>
    public int Add(IEpollTarget target, int fd, uint events)
    {
        int index = _firstFree;
        if (index >= 0)
        {
            _firstFree = _slots[index].NextFree;
        }
        else
        {
            if (_used == _slots.Length) Array.Resize(ref _slots, _used * 2);
            index = _used++;
        }
        _slots[index].Target = target;
        try
        {
            Control(EPOLL_CTL_ADD, fd, events, KeyOf(index));
        }
        catch
        {
            Free(index);
            throw;
        }
        return index;
    }

    public void Modify(int slot, int fd, uint events) => Control(EPOLL_CTL_MOD, fd, events, KeyOf(slot));

    /// <summary>Stops watching a descriptor that stays open. Closing one needs <see cref="Free"/> only.</summary>
    public void Delete(int slot, int fd)
    {
        Control(EPOLL_CTL_DEL, fd, 0, 0);
        Free(slot);
    }

    public void Free(int slot)
    {
        ref Slot freed = ref _slots[slot];
        freed.Target = null;
        freed.Generation++;
        freed.NextFree = _firstFree;
        _firstFree = slot;
    }

    public void Dispose()
    {
        lock (_wakeLock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _ = close(_wake);
            _ = close(_epoll);
        }
    }

    private ulong KeyOf(int slot) => (ulong)_slots[slot].Generation << 32 | (uint)slot;

    private void Control(int operation, int fd, uint events, ulong key)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = events;
        *(ulong*)(entry + DataOffset) = key;
        if (epoll_ctl(_epoll, operation, fd, entry) < 0) throw LastException();
    }

    private struct Slot
    {
        public IEpollTarget? Target;
        public uint Generation;
        public int NextFree;
    }
}
