namespace Godwit.Cli.CommandLine;

/// <summary>The command line cannot be carried out; the message tells the user what is wrong with it and what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
