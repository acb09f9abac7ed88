// Linux's packet socket with a ring of blocks that is shared with the kernel (TPACKET_V3): frames are looked at where the kernel has put them.
// A block is given back as a whole when its last frame is done with. The kernel hands a block over when it is full or RetireMilliseconds old.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using static Godwit.Capture.Live.PacketLib;

namespace Godwit.Capture.Live;

internal sealed unsafe class PacketSocket : FrameSource
{
    // How long nothing comes until it is said that nothing comes.
    private const int SilenceMilliseconds = 100;

    private const uint BlockSize = 256 * 1024, RetireMilliseconds = 20;
    private const uint OwnedByUser = 1;

    // Kinds of hardware: linux/if_arp.h.
    private const ushort EthernetHardware = 1, LoopbackHardware = 772;

    private readonly int _socket = -1, _wakeUp = -1;
    private readonly uint _blockCount;
    private readonly byte* _ring;
    private readonly bool _isAny;
    private readonly string _name;
    private readonly List<CaptureInterface> _interfaces = [];
    private readonly Dictionary<(int Index, LinkType Link), int> _indexes = [];
    private readonly Lock _closing = new();
    private volatile bool _stopped;
    private bool _disposed;
    private uint _block, _framesLeft;
    private byte* _next;
    private bool _holdsBlock;
    private long _frames;

    public PacketSocket(LiveOptions options)
    {
        _name = options.Interface;
        _isAny = options.Interface == LiveCapture.AnyInterface;
        uint index = _isAny ? 0 : if_nametoindex(options.Interface);
        if (index == 0 && !_isAny)
            throw new LiveCaptureException($"There is no interface {options.Interface}; there are {string.Join(", ", LiveCapture.Interfaces)}.");
        // With protocol 0 nothing comes before filter and ring are in place.
        _socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (_socket < 0) throw CannotOpen(Marshal.GetLastPInvokeError());
        try
        {
            int version = TPACKET_V3;
            Check(setsockopt(_socket, SOL_PACKET, PACKET_VERSION, &version, sizeof(int)), "set the packet socket's version");
            SetFilter(KernelFilter.Make(options.Ports));
            _blockCount = (uint)Math.Clamp(options.BufferSize / BlockSize, 4, 4096);
            var request = new RingRequest
            {
                BlockSize = BlockSize,
                BlockCount = _blockCount,
                FrameSize = 2048,
                FrameCount = _blockCount * (BlockSize / 2048),
                RetireMilliseconds = RetireMilliseconds,
            };
            Check(setsockopt(_socket, SOL_PACKET, PACKET_RX_RING, &request, (uint)sizeof(RingRequest)), "make the ring");
            _ring = mmap(null, _blockCount * BlockSize, PROT_READ | PROT_WRITE, MAP_SHARED, _socket, 0);
            if ((nint)_ring == -1) Check(-1, "map the ring");
            _wakeUp = eventfd(0, EventFdCloseOnExec);
            Check(_wakeUp, "make an event");
            var address = new LinkAddress { Family = AF_PACKET, Protocol = ProtocolAll, InterfaceIndex = (int)index };
            Check(bind(_socket, &address, (uint)sizeof(LinkAddress)), "bind the packet socket");
            if (options.Promiscuous && !_isAny) BecomePromiscuous((int)index);
        }
        catch
        {
            Close();
            throw;
        }
    }

    ~PacketSocket() => Close();

    public override IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    public override bool TryRead(out Frame frame)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (!_stopped)
        {
            while (_framesLeft > 0)
            {
                byte* header = _next;
                _framesLeft--;
                _next += ((FrameHeader*)header)->NextOffset;
                if (TryMake((FrameHeader*)header, out frame)) return true;
            }
            GiveBlockBack();
            TakeBlock();
        }
        CountDrops();
        frame = default;
        return false;
    }

    public override void Stop()
    {
        _stopped = true;
        ulong one = 1;
        lock (_closing)
            if (!_disposed) _ = write(_wakeUp, &one, sizeof(ulong));
    }

    protected override void Dispose(bool disposing) => Close();

    private bool TryMake(FrameHeader* header, out Frame frame)
    {
        var address = (LinkAddress*)(header + 1);
        frame = default;
        // The loopback shows each frame twice, when it is sent and when it is received.
        if (address->HardwareType == LoopbackHardware && address->PacketType == PACKET_OUTGOING) return false;

        // Links that are not like Ethernet (tunnels, PPP, ...) have headers of many kinds, or none; IP is where the kernel says.
        bool isEthernet = address->HardwareType is EthernetHardware or LoopbackHardware;
        if (!isEthernet && BinaryPrimitives.ReverseEndianness(address->Protocol) is not (0x0800 or 0x86dd)) return false;
        int start = isEthernet ? header->LinkOffset : header->NetworkOffset, skipped = start - header->LinkOffset;
        int captured = (int)header->Captured - skipped;
        if (captured <= 0) return false;
        LinkType link = isEthernet ? LinkType.Ethernet : LinkType.Raw;
        frame = new Frame
        {
            Number = ++_frames,
            Time = header->Seconds * 1_000_000_000L + header->Nanoseconds,
            Link = link,
            Interface = IndexOf(address->InterfaceIndex, link),
            Bytes = new ReadOnlySpan<byte>((byte*)header + start, captured),
            OriginalLength = (int)header->Length - skipped,
        };
        return true;
    }

    private int IndexOf(int index, LinkType link)
    {
        if (_indexes.TryGetValue((index, link), out int known)) return known;
        byte* name = stackalloc byte[InterfaceNameSize];
        string? text = if_indextoname((uint)index, name) == null ? null : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
        _interfaces.Add(new CaptureInterface(link, 0, text ?? $"interface {index}"));
        return _indexes[(index, link)] = _interfaces.Count - 1;
    }

    private Block* CurrentBlock => (Block*)(_ring + (nuint)_block * BlockSize);

    private void TakeBlock()
    {
        if ((Volatile.Read(ref CurrentBlock->Status) & OwnedByUser) == 0)
        {
            Wait();
            return;
        }
        _holdsBlock = true;
        _framesLeft = CurrentBlock->FrameCount;
        _next = (byte*)CurrentBlock + CurrentBlock->FirstFrame;
    }

    private void GiveBlockBack()
    {
        if (!_holdsBlock) return;
        _holdsBlock = false;
        Volatile.Write(ref CurrentBlock->Status, 0);
        _block = (_block + 1) % _blockCount;
        CountDrops();
    }

    private void Wait()
    {
        PollRequest* requests = stackalloc PollRequest[2];
        requests[0] = new PollRequest { Descriptor = _socket, Events = POLLIN };
        requests[1] = new PollRequest { Descriptor = _wakeUp, Events = POLLIN };
        int ready = poll(requests, 2, SilenceMilliseconds);
        if (ready == 0) Notes?.OnSilence();
        if (ready < 0 && Marshal.GetLastPInvokeError() != EINTR) Check(-1, "wait for frames");
        if (ready <= 0 || (requests[0].Returned & POLLERR) == 0) return;
        int error = 0;
        uint length = sizeof(int);
        _ = getsockopt(_socket, SOL_SOCKET, SO_ERROR, &error, &length);
        // With all interfaces it does not matter that one has gone.
        if (error == ENETDOWN && !_isAny) throw new LiveCaptureException($"The interface {_name} has gone down.");
        if (error is not (0 or ENETDOWN)) throw new LiveCaptureException($"Capturing on {_name} failed: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private void CountDrops()
    {
        // The kernel begins to count anew with each question.
        PacketLib.Statistics statistics;
        uint length = (uint)sizeof(PacketLib.Statistics);
        if (getsockopt(_socket, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0) Dropped += statistics.Drops;
    }

    private void SetFilter(FilterInstruction[] instructions)
    {
        fixed (FilterInstruction* first = instructions)
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, Instructions = first };
            Check(setsockopt(_socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, (uint)sizeof(FilterProgram)), "set the filter");
        }
    }

    private void BecomePromiscuous(int index)
    {
        // Not every interface can; then it gives what it would give anyway.
        var membership = new Membership { InterfaceIndex = index, Type = PACKET_MR_PROMISC };
        _ = setsockopt(_socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, (uint)sizeof(Membership));
    }

    private void Check(int result, string what)
    {
        if (result >= 0) return;
        int error = Marshal.GetLastPInvokeError();
        throw new LiveCaptureException($"Capturing on {_name} failed: could not {what}: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private static LiveCaptureException CannotOpen(int error) => new(error is EPERM or EACCES
        ? Privilege.Advice
        : $"The system offers no packet sockets: {Marshal.GetPInvokeErrorMessage(error)}. Let another program capture: tcpdump -w - 'tcp port 1883' | godwit capture -");

    private void Close()
    {
        lock (_closing)
        {
            if (_disposed) return;
            _disposed = true;
            if (_ring != null && (nint)_ring != -1) _ = munmap(_ring, _blockCount * BlockSize);
            if (_socket >= 0) _ = close(_socket);
            if (_wakeUp >= 0) _ = close(_wakeUp);
        }
    }
}
