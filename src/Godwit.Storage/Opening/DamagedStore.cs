// Takes a damaged store out of the way: it is renamed, never deleted.
using System.Globalization;
using Godwit.Broker.Storage;

namespace Godwit.Storage.Opening;

internal static class DamagedStore
{
    /// <summary>Moves a database file and its log aside.</summary>
    /// <returns>Its path now.</returns>
    public static string MoveAside(string file)
    {
        string time = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string target = $"{file}.damaged-{time}";
        for (int i = 2; File.Exists(target); i++) target = $"{file}.damaged-{time}-{i}";
        try
        {
            if (File.Exists(file)) File.Move(file, target);
            if (File.Exists(file + "-wal")) File.Move(file + "-wal", target + "-wal");
            // Only an index of the log, which is made anew when it is missing.
            File.Delete(file + "-shm");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailure.Unavailable, $"The damaged store {file} could not be moved to {target}: {failed.Message}", failed);
        }
        return target;
    }
}
