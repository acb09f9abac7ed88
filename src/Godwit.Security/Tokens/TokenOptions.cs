namespace Godwit.Security.Tokens;

/// <summary>Which JSON Web Tokens are accepted. Signed ones that expire, always.</summary>
public sealed record TokenOptions
{
    /// <summary>Who must have issued them (<c>iss</c>); null for anybody who has the key.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whom they must be for (<c>aud</c>); null for anybody.</summary>
    public string? Audience { get; init; }

    /// <summary>By how much clocks may differ; default 30 seconds.</summary>
    public TimeSpan Leeway { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which claim is the user name; default <c>sub</c>.</summary>
    public string UserClaim { get; init; } = "sub";
}
