// Keys that an issuer publishes at a URL. They are kept; a token with a key that is not known makes them be fetched again, as issuers change
// keys, but not more often than every half minute: such tokens can be made up by anybody. While the issuer cannot be reached the old ones hold.
using Microsoft.IdentityModel.Tokens;

namespace Godwit.Security.Tokens;

internal sealed class KeyEndpoint(Uri address, HttpClient client, TimeProvider time) : ISigningKeys, IDisposable
{
    private const int LargestAnswer = 1024 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1), Pause = TimeSpan.FromSeconds(30), Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _fetching = new(1);
    private volatile IReadOnlyList<SecurityKey> _keys = [];
    private long _asked = long.MinValue;

    public IReadOnlyList<SecurityKey> Known => _keys;

    public async ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool isUnknown, CancellationToken cancellationToken)
    {
        if (!MustAsk(isUnknown)) return _keys;
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false); // whoever comes meanwhile gets what this one fetches
        try
        {
            if (MustAsk(isUnknown))
            {
                Volatile.Write(ref _asked, time.GetTimestamp());
                _keys = await FetchAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failed) when (failed is HttpRequestException or ArgumentException or OperationCanceledException && !cancellationToken.IsCancellationRequested && _keys.Count > 0)
        {
            // those that are there go on
        }
        finally
        {
            _fetching.Release();
        }
        return _keys;
    }

    public void Dispose() => _fetching.Dispose();

    private bool MustAsk(bool isUnknown)
    {
        long asked = Volatile.Read(ref _asked);
        if (asked == long.MinValue) return true;
        TimeSpan age = time.GetElapsedTime(asked);
        return age >= Lifetime || (age >= Pause && (isUnknown || _keys.Count == 0));
    }

    private async Task<IReadOnlyList<SecurityKey>> FetchAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using HttpResponseMessage answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        await answer.Content.LoadIntoBufferAsync(LargestAnswer, patience.Token).ConfigureAwait(false);
        return KeySet.Parse(await answer.Content.ReadAsStringAsync(patience.Token).ConfigureAwait(false));
    }
}
