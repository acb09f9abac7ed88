// Asks an HTTP service whether a client may connect: a POST with JSON, and the answer in JSON or as a status. The form of the answer is that of
// EMQX, so services written for it go on working. docs/authentication.md has both.
using System.Net;
using System.Net.Http.Headers;
using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Security.Http;

/// <summary>Asks an HTTP service who a client is.</summary>
public sealed class HttpCheck : ICredentialCheck, IDisposable
{
    private const int LargestAnswer = 64 * 1024;

    private static readonly AuthenticationResult Busy = new(ReasonCode.ServerBusy, "Too many clients connect at this moment; try again in a few seconds");
    private static readonly AuthenticationResult Unavailable = new(ReasonCode.ServerUnavailable, "The service that decides who may connect cannot be reached");

    private readonly Uri _address;
    private readonly HttpClient _client;
    private readonly HttpCheckOptions _options;
    private readonly SemaphoreSlim _slots;
    private readonly CircuitBreaker _breaker;
    private readonly TimeProvider _time;
    private readonly RecentAnswers<AuthenticationResult> _letIn;
    private int _waiting;

    /// <param name="address">The service.</param>
    /// <param name="client">What asks it; the caller disposes of it.</param>
    /// <param name="options">How.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public HttpCheck(Uri address, HttpClient client, HttpCheckOptions options, TimeProvider? time = null)
    {
        (_address, _client, _options) = (address, client, options);
        _slots = new SemaphoreSlim(options.MaximumConcurrent);
        _time = time ?? TimeProvider.System;
        _breaker = new CircuitBreaker(_time);
        _letIn = new RecentAnswers<AuthenticationResult>(_time);
    }

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult?> CheckAsync(ConnectingClient client, CancellationToken cancellationToken)
    {
        byte[] question = HttpQuestion.Write(client);
        if (_letIn.TryFind(question, out AuthenticationResult? known)) return new(known);
        if (_breaker.IsOpen) return new(Unavailable);
        if (Interlocked.Increment(ref _waiting) <= _options.MaximumConcurrent + _options.MaximumWaiting) return new(AskInTurnAsync(question, cancellationToken));
        Interlocked.Decrement(ref _waiting);
        return new(Busy);
    }

    /// <inheritdoc/>
    public bool TryReview(object evidence, out string? objection)
    {
        objection = null; // the service has said for how long, if it wanted to
        return evidence.Equals(_address);
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private async Task<AuthenticationResult?> AskInTurnAsync(byte[] question, CancellationToken cancellationToken)
    {
        try
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await AskAsync(question, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<AuthenticationResult?> AskAsync(byte[] question, CancellationToken cancellationToken)
    {
        for (int tries = 0; tries <= _options.Retries && !_breaker.IsOpen; tries++)
        {
            try
            {
                HttpDecision decision = await AskOnceAsync(question, cancellationToken).ConfigureAwait(false);
                _breaker.OnAnswered();
                DateTimeOffset now = _time.GetUtcNow();
                AuthenticationResult? result = decision.ToResult(now);
                if (result is not { ReasonCode: ReasonCode.Success }) return result;
                result = result with { Evidence = _address };
                TimeSpan lifetime = result.ExpiresAt is { } end && end - now < _options.CacheLifetime ? end - now : _options.CacheLifetime;
                _letIn.Add(question, result, lifetime);
                return result;
            }
            catch (Exception failed) when (failed is HttpRequestException or FormatException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                _breaker.OnFailed();
            }
        }
        return Unavailable;
    }

    private async Task<HttpDecision> AskOnceAsync(byte[] question, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Timeout);
        using var content = new ByteArrayContent(question) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = content };
        using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.NoContent:
                return HttpDecision.Allow;
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                return HttpDecision.Deny;
            case HttpStatusCode.NotFound:
                return HttpDecision.Ignore;
            case HttpStatusCode.OK:
                await answer.Content.LoadIntoBufferAsync(LargestAnswer, patience.Token).ConfigureAwait(false);
                return HttpDecision.Read(await answer.Content.ReadAsByteArrayAsync(patience.Token).ConfigureAwait(false));
            default:
                throw new HttpRequestException($"The service answers {(int)answer.StatusCode}.");
        }
    }
}
