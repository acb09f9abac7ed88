// Keeps two brokers from one directory. The lock belongs to the open file, so it ends with the process whatever happens to it; who has it
// stands in a file beside it, because a locked file cannot be read everywhere.
using System.Globalization;
using Godwit.Broker.Storage;

namespace Godwit.Storage;

internal sealed class StoreLock : IDisposable
{
    private const int WouldBlock = 11;                              // EWOULDBLOCK on Linux
    private const int SharingViolation = unchecked((int)0x80070020); // the same on Windows

    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Takes a directory's lock.</summary>
    /// <exception cref="StoreException">Somebody has it, or the directory cannot be written to.</exception>
    public static StoreLock Take(string directory)
    {
        string holder = Path.Combine(directory, "godwit.pid");
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(directory, "godwit.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (inUse.HResult is WouldBlock or SharingViolation)
        {
            string process = Read(holder) is { Length: > 0 } id ? $"process {id}" : "another process";
            throw new StoreException(StoreFailure.Busy,
                $"The directory {directory} is in use by {process}. End that broker first, or choose another directory.", inUse);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailure.Unavailable,
                $"The directory {directory} cannot be used: {failed.Message} It must belong to the user who runs the broker.", failed);
        }
        Write(holder);
        return new StoreLock(file);
    }

    public void Dispose() => _file.Dispose();

    // Only for the message above: without it the lock holds all the same.
    private static void Write(string holder)
    {
        try
        {
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Read(string holder)
    {
        try
        {
            return File.ReadAllText(holder).Trim();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
