using System.Buffers.Binary;
using System.Text;

namespace Godwit.Security.Passwords;

/// <summary>Logins that were right a moment ago.</summary>
internal sealed class VerifiedLogins(TimeProvider time)
{
    /// <summary>How long a login is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly RecentAnswers<bool> _answers = new(time);

    /// <summary>Whether this login was right less than <see cref="Lifetime"/> ago.</summary>
    public bool Contains(string user, ReadOnlySpan<byte> password) => _answers.TryFind(QuestionOf(user, password), out _);

    public void Add(string user, ReadOnlySpan<byte> password) => _answers.Add(QuestionOf(user, password), true, Lifetime);

    // The length in front, so that user and password cannot be divided otherwise.
    private static byte[] QuestionOf(string user, ReadOnlySpan<byte> password)
    {
        int length = Encoding.UTF8.GetByteCount(user);
        byte[] question = new byte[sizeof(int) + length + password.Length];
        BinaryPrimitives.WriteInt32LittleEndian(question, length);
        Encoding.UTF8.GetBytes(user, question.AsSpan(sizeof(int)));
        password.CopyTo(question.AsSpan(sizeof(int) + length));
        return question;
    }
}
