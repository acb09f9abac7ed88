namespace Godwit.Ledger.Tests;

/// <summary>A statement id found in a source file or on a test.</summary>
/// <param name="Id">Without brackets.</param>
/// <param name="Specification">3.1.1 or 5.0; null if the place does not say, which counts for both.</param>
/// <param name="Place">A source file named from the root, or <c>Class.Method</c>.</param>
internal sealed record Citation(string Id, string? Specification, string Place)
{
    public bool CountsFor(string specification) => Specification is null || Specification == specification;
}
