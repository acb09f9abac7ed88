using System.Text;
using Godwit.Security.Access;
using Godwit.Security.Files;
using Godwit.Security.Passwords;
using Godwit.Testing;

namespace Godwit.Security.Tests;

/// <summary>Files that people have edited: whatever is in them, they are read, or refused with a place.</summary>
public class FileFuzzTests
{
    [Fact]
    public void PasswordFile_AnyText_IsReadOrRefused() => Try(text => PasswordFile.Parse(text, "users"), 1_500_000,
        "# users\nalice:$7$101$zUs6SkBu39AWNB6c$YOiRGlYgsbOGdtiq2OZJDmcH1sqauUYCNv9+xR4N6YEyU9+YLZ8DakhgQVdwzQBPnEGmwe7tYUQdFJRYdVnDXg==\n",
        "bob:$6$f8Q5Tkc1kUlNBl1V$gIrPSJ20m5ayZRi0v1CEe4KBddU/5jMYN8mL1uV3z75amlHwZT57gZWByzZPixWwIQ1Lt8pL2gZPGo5iYoATqA==\r\n\n",
        "carl:$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4\n",
        "dora:$scram-sha-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=$wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n");

    [Fact]
    public void AclFile_AnyText_IsReadOrRefused() => Try(text => AclFile.Parse(text, "acl"), 250_000,
        "topic read $SYS/#\nuser alice\ntopic readwrite home/+/light\ntopic deny home/cellar/#\n\n# all\npattern write sensors/%c/%u\n", "user bob\r\ntopic a/b\r\n");

    [Fact]
    public void Policy_AnyText_IsReadOrRefused() => Try(text => PolicyFile.Parse(text, "policy"), 50_000,
        "default: deny\nroles:\n  reader:\n    - allow: subscribe\n      topics: ['home/${username}/#', \"a/+\"]\ngroups:\n  family: { users: [alice, bob], roles: [reader] }\n",
        "users:\n  alice:\n    - allow: [publish, subscribe]\n      topics: [a/b]\n      max_qos: 1\n      retain: false\n");

    private static void Try(Action<string> parse, int iterations, params string[] seeds) => Fuzz.Run([.. seeds.Select(Encoding.UTF8.GetBytes)], iterations, (input, _) =>
    {
        try
        {
            parse(Encoding.UTF8.GetString(input));
        }
        catch (SecurityFileException refused)
        {
            Assert.All(refused.Problems, problem => Assert.True(problem is { Line: > 0, Column: > 0 } && problem.Message.Length > 0));
        }
    });
}
