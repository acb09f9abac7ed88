// Files of users and rules: read as strict UTF-8, and written so that whoever reads them sees the old file or the new one, also after a crash.
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Godwit.Security.Files;

internal static partial class TextFile
{
    /// <summary>Only the owner may read and write: what a new file gets.</summary>
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="SecurityFileException">It cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return Strict.GetString(File.ReadAllBytes(path));
        }
        catch (DecoderFallbackException cause)
        {
            throw new SecurityFileException($"{path}: this is not a text file in UTF-8 (byte {cause.Index}).", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new SecurityFileException($"{path} cannot be read: {cause.Message}", cause);
        }
    }

    /// <summary>Writes a new file beside the old one and puts it in its place. Mode and owner stay; a new file is its owner's alone.</summary>
    /// <exception cref="SecurityFileException">It cannot be written; the old file is as it was.</exception>
    public static void Replace(string path, string text)
    {
        string? temporary = null;
        try
        {
            string target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? path;
            temporary = $"{target}.{Guid.NewGuid():N}.new";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
            using (var file = new FileStream(temporary, options))
            {
                file.Write(Strict.GetBytes(text));
                file.Flush(flushToDisk: true);
            }
            if (File.Exists(target)) TakeOver(target, temporary);
            File.Move(temporary, target, overwrite: true);
            temporary = null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new SecurityFileException($"{path} cannot be written: {cause.Message}", cause);
        }
        finally
        {
            if (temporary is not null) File.Delete(temporary);
        }
    }

    // A broker that runs as a user of its own must be able to read the file afterwards, as before.
    private static void TakeOver(string from, string to)
    {
        if (OperatingSystem.IsLinux()) CopyOwner(from, to);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(to, File.GetUnixFileMode(from));
    }

    [SupportedOSPlatform("linux")]
    private static void CopyOwner(string from, string to)
    {
        (uint User, uint Group) wanted = OwnerOf(from);
        if (OwnerOf(to) != wanted && ChangeOwner(to, wanted.User, wanted.Group) != 0)
            throw new IOException($"it belongs to user {wanted.User}, group {wanted.Group}, and cannot be given to them: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [SupportedOSPlatform("linux")]
    private static (uint User, uint Group) OwnerOf(string path)
    {
        const int currentDirectory = -100; // AT_FDCWD
        const uint owner = 0x18;           // STATX_UID | STATX_GID
        Span<byte> status = stackalloc byte[256]; // struct statx is the same on all architectures: user and group at 20 and 24
        if (Status(currentDirectory, path, 0, owner, status) != 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        return (MemoryMarshal.Read<uint>(status[20..]), MemoryMarshal.Read<uint>(status[24..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Status(int directory, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
