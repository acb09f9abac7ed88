// A row of files of which only the latest are kept: when one is full the next begins, with the same head, and the oldest goes. What is written must
// come in pieces that a file may end behind, as PcapngWriter hands them over.
using System.Globalization;

namespace Godwit.Cli.Verbs;

internal sealed class RingFile : Stream
{
    private readonly string _path;
    private readonly long _size;
    private readonly int _files;
    private readonly Queue<string> _kept = new();
    private readonly MemoryStream _head = new();
    private Stream _file;
    private int _number;
    private bool _isHead = true;

    /// <summary>Begins the first file.</summary>
    /// <param name="path">Their names: number and time are put in front of the extension, so that earlier rows stay.</param>
    /// <param name="size">Bytes from which on a file is full.</param>
    /// <param name="files">Files that are kept.</param>
    public RingFile(string path, long size, int files)
    {
        (_path, _size, _files) = (path, size, files);
        _file = Open();
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>What has been written so far stands at the beginning of each file.</summary>
    public void EndHead() => _isHead = false;

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isHead) _head.Write(buffer);
        else if (_file.Length > _head.Length && _file.Length + buffer.Length > _size)
        {
            _file.Dispose();
            while (_kept.Count >= _files) File.Delete(_kept.Dequeue());
            _file = Open();
            _file.Write(_head.GetBuffer().AsSpan(0, (int)_head.Length));
        }
        _file.Write(buffer);
    }

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }

    private Stream Open()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(_path)}_{++_number:00000}_{DateTime.UtcNow:yyyyMMddHHmmss}{Path.GetExtension(_path)}");
        string path = Path.Combine(Path.GetDirectoryName(_path) ?? "", name);
        Stream file = ExportFiles.Create(path);
        _kept.Enqueue(path);
        return file;
    }
}
