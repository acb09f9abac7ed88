namespace Godwit.Storage.Sqlite;

/// <summary>SQLite's primary result codes, as far as they are told apart (https://www.sqlite.org/rescode.html).</summary>
internal static class ResultCode
{
    public const int Ok = 0;
    public const int Error = 1;
    public const int Permission = 3;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int NoMemory = 7;
    public const int ReadOnly = 8;
    public const int InputOutput = 10;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int Protocol = 15;
    public const int Schema = 17;
    public const int Constraint = 19;
    public const int Format = 24;
    public const int NotADatabase = 26;
    public const int Row = 100;
    public const int Done = 101;

    /// <summary>The primary code of an extended one.</summary>
    public static int Primary(int code) => code & 0xFF;
}
