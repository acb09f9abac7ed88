// How files can be told to have changed without reading them: size and time of last writing, of whatever a path leads to at the end. So a file that is
// written, replaced by another one, or reached by a link that now leads elsewhere (certbot, Kubernetes) is seen alike.
namespace Godwit.Cli.Watching;

/// <summary>Files as they are at a moment.</summary>
internal sealed class FileStamps
{
    private readonly Dictionary<string, (long Size, long Time)> _stamps = [];

    /// <summary>Looks at files. One that is not there, or cannot be read, has a stamp of its own.</summary>
    public static FileStamps Of(IEnumerable<string> paths)
    {
        var stamps = new FileStamps();
        foreach (string path in paths) stamps._stamps[path] = Look(path);
        return stamps;
    }

    /// <summary>The same for other files: of those that are in both the stamps stay, the others are looked at.</summary>
    public FileStamps With(IEnumerable<string> paths)
    {
        var stamps = new FileStamps();
        foreach (string path in paths) stamps._stamps[path] = _stamps.TryGetValue(path, out (long, long) known) ? known : Look(path);
        return stamps;
    }

    /// <summary>The files that have another stamp, as far as they are in both.</summary>
    public IEnumerable<string> Differences(FileStamps other) =>
        _stamps.Where(own => other._stamps.TryGetValue(own.Key, out (long, long) its) && its != own.Value).Select(own => own.Key);

    /// <summary>Looks at the same files again.</summary>
    public FileStamps Again() => Of(_stamps.Keys);

    private static (long Size, long Time) Look(string path)
    {
        try
        {
            if (Directory.Exists(path)) return (-1, Directory.GetLastWriteTimeUtc(path).Ticks);
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete); // links are followed
            return (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return (-2, 0);
        }
    }
}
