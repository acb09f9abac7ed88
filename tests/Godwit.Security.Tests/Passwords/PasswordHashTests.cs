using System.Text;
using Godwit.Security.Passwords;

namespace Godwit.Security.Tests.Passwords;

public class PasswordHashTests
{
    // Made by mosquitto_passwd 2.0.11, for the passwords secret and s2.
    private const string Pbkdf2 = "$7$101$zUs6SkBu39AWNB6c$YOiRGlYgsbOGdtiq2OZJDmcH1sqauUYCNv9+xR4N6YEyU9+YLZ8DakhgQVdwzQBPnEGmwe7tYUQdFJRYdVnDXg==";
    private const string Sha512 = "$6$f8Q5Tkc1kUlNBl1V$gIrPSJ20m5ayZRi0v1CEe4KBddU/5jMYN8mL1uV3z75amlHwZT57gZWByzZPixWwIQ1Lt8pL2gZPGo5iYoATqA==";

    // A test vector of the reference implementation, and an entry with mosquitto 2.1's cost.
    private const string Argon2Vector = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    private const string Argon2 =
        "$argon2id$v=19$m=47104,t=1,p=1$dHdlbHZlIGJ5dGVz$MeyY5066MNTlfjZCGzDQ/UggCpdlOs5M78ovD1d7VelQpW4zdiq5IaCVxRC6ekMfN08lROLtlfAWNrWg3GW8zw";

    [Theory]
    [InlineData(Pbkdf2, "secret")]
    [InlineData(Sha512, "s2")]
    [InlineData(Argon2Vector, "password")]
    [InlineData(Argon2, "secret")]
    public void Hash_OfOthers_KnowsItsPassword(string entry, string password)
    {
        PasswordHash hash = PasswordHash.TryParse(entry, out _)!;

        Assert.True(hash.Verify(Encoding.UTF8.GetBytes(password)));
        Assert.False(hash.Verify(Encoding.UTF8.GetBytes(password + "x")));
        Assert.False(hash.Verify([]));
        Assert.Equal(entry, hash.ToString());
    }

    [Theory]
    [InlineData(PasswordHashKind.Pbkdf2Sha512, "$7$2$")]
    [InlineData(PasswordHashKind.Sha512, "$6$")]
    [InlineData(PasswordHashKind.Argon2id, "$argon2id$v=19$m=47104,t=1,p=1$")]
    [InlineData(PasswordHashKind.ScramSha256, "$scram-sha-256$4096$")]
    public void Hash_MadeAndReadAgain_KnowsItsPassword(PasswordHashKind kind, string beginning)
    {
        byte[] password = Encoding.UTF8.GetBytes("pässwörd:$");

        int iterations = kind == PasswordHashKind.ScramSha256 ? PasswordHash.FewestScramIterations : 2;
        string entry = PasswordHash.Create(kind, password, iterations).ToString();

        Assert.StartsWith(beginning, entry);
        Assert.True(PasswordHash.TryParse(entry, out _)!.Verify(password));
        Assert.NotEqual(entry, PasswordHash.Create(kind, password, iterations).ToString());
    }

    [Theory]
    [InlineData("hunter2", "no password hash")]
    [InlineData("", "no password hash")]
    [InlineData("$6$salt", "$6$SALT$HASH")]
    [InlineData("$6$c2FsdA==$c2hvcnQ=", "$6$SALT$HASH")]
    [InlineData("$7$101$c2FsdA==$not base64", "$7$ITERATIONS$SALT$HASH")]
    [InlineData("$7$-1$c2FsdA==$c2hvcnQ=", "$7$ITERATIONS$SALT$HASH")]
    [InlineData("$7$0$c2FsdA==$c2hvcnQ=", "1 to 10000000")]
    [InlineData("$7$10000001$c2FsdA==$c2hvcnQ=", "1 to 10000000")]
    [InlineData("$argon2id$v=19$m=47104,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2id$v=19$m=KIBIBYTES")]
    [InlineData("$argon2id$v=19$m=47104,t=1000,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "at most")]
    [InlineData("$scram-sha-256$100$c2FsdA==$c2hvcnQ=$c2hvcnQ=", "4096 to")]
    [InlineData("$2b$10$abcdefghijklmnopqrstuv", "not known")]
    public void Hash_Wrong_IsExplained(string entry, string expected)
    {
        Assert.Null(PasswordHash.TryParse(entry, out string problem));

        Assert.Contains(expected, problem);
    }
}
