// Gives a FaultDisk to SQLite as a file layer (https://www.sqlite.org/vfs.html). One connection at a time uses it, so locks are always granted.
using System.Runtime.InteropServices;
using System.Text;

namespace Godwit.Storage.Tests.Faults;

internal sealed unsafe partial class FaultVfs : IDisposable
{
    private const string Library = "libsqlite3.so.0";
    private const int Ok = 0;
    private const int NotFound = 12;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Create = 0x4;
    private const int ReadError = 10 | (1 << 8);
    private const int ShortRead = 10 | (2 << 8);
    private const int WriteError = 10 | (3 << 8);
    private const int PowersafeOverwrite = 0x1000;
    private const int SectorSize = 4096;

    private static readonly IoMethods* Methods = MakeMethods();
    private static int _lastNumber;

    private readonly Vfs* _vfs;
    private readonly FaultDisk _disk;
    private readonly List<nint> _sharedMemory = [];
    private GCHandle _self;

    public FaultVfs(FaultDisk disk)
    {
        _disk = disk;
        Name = $"fault{Interlocked.Increment(ref _lastNumber)}";
        _self = GCHandle.Alloc(this);
        _vfs = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        _vfs->Version = 2;
        _vfs->FileSize = sizeof(OpenFile);
        _vfs->MaximumPath = 1000;
        _vfs->Name = Marshal.StringToCoTaskMemUTF8(Name);
        _vfs->Data = GCHandle.ToIntPtr(_self);
        _vfs->Open = &OnOpen;
        _vfs->Delete = &OnDelete;
        _vfs->Access = &OnAccess;
        _vfs->FullPath = &OnFullPath;
        _vfs->Randomness = &OnRandomness;
        _vfs->Sleep = &OnSleep;
        _vfs->LastError = &OnLastError;
        _vfs->CurrentTime64 = &OnCurrentTime;
        Assert.Equal(Ok, Register(_vfs, 0));
    }

    /// <summary>What to open a database with.</summary>
    public string Name { get; }

    public void Dispose()
    {
        _ = Unregister(_vfs);
        Marshal.FreeCoTaskMem(_vfs->Name);
        NativeMemory.Free(_vfs);
        foreach (nint region in _sharedMemory) NativeMemory.Free((void*)region);
        _self.Free();
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_vfs_register")]
    private static partial int Register(Vfs* vfs, int makeDefault);

    [LibraryImport(Library, EntryPoint = "sqlite3_vfs_unregister")]
    private static partial int Unregister(Vfs* vfs);

    private static FaultVfs Of(Vfs* vfs) => (FaultVfs)GCHandle.FromIntPtr(vfs->Data).Target!;

    private static DiskFile FileOf(OpenFile* file) => (DiskFile)GCHandle.FromIntPtr(file->File).Target!;

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text)!;

    private static int Code(DiskFault fault) => fault switch { DiskFault.None => Ok, DiskFault.Full => Full, _ => WriteError };

    private static IoMethods* MakeMethods()
    {
        var methods = (IoMethods*)NativeMemory.AllocZeroed((nuint)sizeof(IoMethods));
        methods->Version = 2;
        methods->Close = &OnClose;
        methods->Read = &OnRead;
        methods->Write = &OnWrite;
        methods->Truncate = &OnTruncate;
        methods->Sync = &OnSync;
        methods->Size = &OnSize;
        methods->Lock = &OnLock;
        methods->Unlock = &OnLock;
        methods->CheckReserved = &OnCheckReserved;
        methods->Control = &OnControl;
        methods->Sector = &OnSector;
        methods->Characteristics = &OnCharacteristics;
        methods->ShmMap = &OnShmMap;
        methods->ShmLock = &OnShmLock;
        methods->ShmBarrier = &OnShmBarrier;
        methods->ShmUnmap = &OnShmUnmap;
        return methods;
    }

    [UnmanagedCallersOnly]
    private static int OnOpen(Vfs* vfs, byte* name, OpenFile* file, int flags, int* outFlags)
    {
        file->Methods = null;
        FaultVfs self = Of(vfs);
        string path = Text(name);
        DiskFile? found = self._disk.Find(path);
        if (found is null && ((flags & Create) == 0 || self._disk.IsOff)) return CannotOpen;
        file->Methods = Methods;
        file->File = GCHandle.ToIntPtr(GCHandle.Alloc(found ?? self._disk.Create(path)));
        file->Vfs = vfs;
        if (outFlags is not null) *outFlags = flags;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnDelete(Vfs* vfs, byte* name, int syncDirectory)
    {
        Of(vfs)._disk.Delete(Text(name));
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnAccess(Vfs* vfs, byte* name, int flags, int* result)
    {
        *result = Of(vfs)._disk.Find(Text(name)) is null ? 0 : 1;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnFullPath(Vfs* vfs, byte* name, int length, byte* target)
    {
        byte[] path = Encoding.UTF8.GetBytes(Text(name) + "\0");
        path.CopyTo(new Span<byte>(target, length));
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnRandomness(Vfs* vfs, int length, byte* target)
    {
        new Span<byte>(target, length).Fill(42);
        return length;
    }

    [UnmanagedCallersOnly]
    private static int OnSleep(Vfs* vfs, int microseconds) => microseconds;

    [UnmanagedCallersOnly]
    private static int OnLastError(Vfs* vfs, int length, byte* target) => 0;

    [UnmanagedCallersOnly]
    private static int OnCurrentTime(Vfs* vfs, long* time)
    {
        *time = 212_000_000_000_000;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnClose(OpenFile* file)
    {
        GCHandle.FromIntPtr(file->File).Free();
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnRead(OpenFile* file, byte* target, int length, long offset)
    {
        if (Of(file->Vfs)._disk.IsOff) return ReadError;
        var bytes = new Span<byte>(target, length);
        int count = FileOf(file).Read(offset, bytes);
        bytes[count..].Clear();
        return count == length ? Ok : ShortRead;
    }

    [UnmanagedCallersOnly]
    private static int OnWrite(OpenFile* file, byte* source, int length, long offset) =>
        Code(FileOf(file).Write(offset, new ReadOnlySpan<byte>(source, length)));

    [UnmanagedCallersOnly]
    private static int OnTruncate(OpenFile* file, long length) => Code(FileOf(file).Truncate(length));

    [UnmanagedCallersOnly]
    private static int OnSync(OpenFile* file, int flags) => Code(FileOf(file).Sync());

    [UnmanagedCallersOnly]
    private static int OnSize(OpenFile* file, long* size)
    {
        *size = FileOf(file).Length;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnLock(OpenFile* file, int kind) => Ok;

    [UnmanagedCallersOnly]
    private static int OnCheckReserved(OpenFile* file, int* result)
    {
        *result = 0;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnControl(OpenFile* file, int operation, void* argument) => NotFound;

    [UnmanagedCallersOnly]
    private static int OnSector(OpenFile* file) => SectorSize;

    // What SQLite takes for granted of every disk on Linux: what was synced is not harmed by a later write beside it.
    [UnmanagedCallersOnly]
    private static int OnCharacteristics(OpenFile* file) => PowersafeOverwrite;

    [UnmanagedCallersOnly]
    private static int OnShmMap(OpenFile* file, int region, int size, int extend, void** memory)
    {
        FaultVfs self = Of(file->Vfs);
        while (extend != 0 && self._sharedMemory.Count <= region) self._sharedMemory.Add((nint)NativeMemory.AllocZeroed((nuint)size));
        *memory = self._sharedMemory.Count > region ? (void*)self._sharedMemory[region] : null;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int OnShmLock(OpenFile* file, int offset, int count, int flags) => Ok;

    [UnmanagedCallersOnly]
    private static void OnShmBarrier(OpenFile* file)
    {
    }

    [UnmanagedCallersOnly]
    private static int OnShmUnmap(OpenFile* file, int delete)
    {
        FaultVfs self = Of(file->Vfs);
        foreach (nint region in self._sharedMemory) NativeMemory.Free((void*)region);
        self._sharedMemory.Clear();
        return Ok;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenFile
    {
        public IoMethods* Methods;
        public nint File;
        public Vfs* Vfs;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        public int Version;
        public int FileSize;
        public int MaximumPath;
        public nint Next;
        public nint Name;
        public nint Data;
        public delegate* unmanaged<Vfs*, byte*, OpenFile*, int, int*, int> Open;
        public delegate* unmanaged<Vfs*, byte*, int, int> Delete;
        public delegate* unmanaged<Vfs*, byte*, int, int*, int> Access;
        public delegate* unmanaged<Vfs*, byte*, int, byte*, int> FullPath;
        public nint LibraryOpen;
        public nint LibraryError;
        public nint LibrarySymbol;
        public nint LibraryClose;
        public delegate* unmanaged<Vfs*, int, byte*, int> Randomness;
        public delegate* unmanaged<Vfs*, int, int> Sleep;
        public nint CurrentTime;
        public delegate* unmanaged<Vfs*, int, byte*, int> LastError;
        public delegate* unmanaged<Vfs*, long*, int> CurrentTime64;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoMethods
    {
        public int Version;
        public delegate* unmanaged<OpenFile*, int> Close;
        public delegate* unmanaged<OpenFile*, byte*, int, long, int> Read;
        public delegate* unmanaged<OpenFile*, byte*, int, long, int> Write;
        public delegate* unmanaged<OpenFile*, long, int> Truncate;
        public delegate* unmanaged<OpenFile*, int, int> Sync;
        public delegate* unmanaged<OpenFile*, long*, int> Size;
        public delegate* unmanaged<OpenFile*, int, int> Lock;
        public delegate* unmanaged<OpenFile*, int, int> Unlock;
        public delegate* unmanaged<OpenFile*, int*, int> CheckReserved;
        public delegate* unmanaged<OpenFile*, int, void*, int> Control;
        public delegate* unmanaged<OpenFile*, int> Sector;
        public delegate* unmanaged<OpenFile*, int> Characteristics;
        public delegate* unmanaged<OpenFile*, int, int, int, void**, int> ShmMap;
        public delegate* unmanaged<OpenFile*, int, int, int, int> ShmLock;
        public delegate* unmanaged<OpenFile*, void> ShmBarrier;
        public delegate* unmanaged<OpenFile*, int, int> ShmUnmap;
    }
}
