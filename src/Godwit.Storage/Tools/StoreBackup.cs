using Godwit.Broker.Storage;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Tools;

/// <summary><c>godwit store backup</c> and <c>restore</c>: a copy of a store as it is at one moment, in one file.</summary>
public static class StoreBackup
{
    /// <summary>Copies a directory's store into a file. A broker may be running, and goes on writing.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="file">The file; it appears when the copy is complete.</param>
    /// <param name="overwrite">Whether the file may be there already.</param>
    /// <param name="progress">Is told from 0 to 1.</param>
    /// <param name="stop">Ends it early; nothing is left then.</param>
    /// <exception cref="StoreException">There is no store, it is damaged, there is no room, or the file is there already.</exception>
    public static void Create(string directory, string file, bool overwrite = false, Action<double>? progress = null, CancellationToken stop = default)
    {
        if (!overwrite && File.Exists(file)) throw new StoreException(StoreFailure.Unavailable, $"The file {file} is there already. Choose another name, or say --force.");
        Copy(StoreFile.In(directory), file, progress, stop);
    }

    /// <summary>Puts a copy in the place of a directory's store. No broker may be running there.</summary>
    /// <param name="file">The copy.</param>
    /// <param name="directory">The directory; it is made if it is not there.</param>
    /// <param name="overwrite">Whether a store that is there may be replaced.</param>
    /// <param name="progress">Is told from 0 to 1.</param>
    /// <param name="stop">Ends it early; the store is as it was then.</param>
    /// <exception cref="StoreException">The file is no store, a broker uses the directory, or it has a store already.</exception>
    public static void Restore(string file, string directory, bool overwrite = false, Action<double>? progress = null, CancellationToken stop = default)
    {
        if (!File.Exists(file)) throw new StoreException(StoreFailure.Unavailable, $"There is no file {file}.");
        Directory.CreateDirectory(directory);
        using StoreLock storeLock = StoreLock.Take(directory);
        string target = Path.Combine(directory, SqliteStoreOptions.FileName);
        if (!overwrite && File.Exists(target))
            throw new StoreException(StoreFailure.Unavailable, $"There is a store in {directory} already. Choose another directory, or say --force to replace it.");
        Copy(file, target, progress, stop);
    }

    private static void Copy(string source, string target, Action<double>? progress, CancellationToken stop)
    {
        string partial = target + ".partial";
        DeleteWithLog(partial);
        try
        {
            using (SqliteDatabase from = StoreFile.OpenToRead(source))
            using (var to = new SqliteDatabase(partial, SqliteAccess.Create))
            {
                from.CopyTo(to, progress, stop);
            }
            // The log of what was there before must not be taken for the new file's.
            File.Delete(target + "-wal");
            File.Delete(target + "-shm");
            File.Move(partial, target, overwrite: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailure.Unavailable, $"The file {target} cannot be written: {failed.Message}", failed);
        }
        finally
        {
            DeleteWithLog(partial);
        }
    }

    private static void DeleteWithLog(string file)
    {
        File.Delete(file);
        File.Delete(file + "-wal");
        File.Delete(file + "-shm");
        File.Delete(file + "-journal");
    }
}
