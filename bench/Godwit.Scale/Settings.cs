namespace Godwit.Scale;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Settings
{
    /// <summary>How many things; null for the subject's own number.</summary>
    public int? Count { get; init; }

    /// <summary>The program whose <c>broker</c> verb is measured where a process of its own is needed; null finds the checkout's.</summary>
    public string? GodwitProgram { get; init; }
}
