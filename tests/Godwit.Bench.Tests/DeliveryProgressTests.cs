namespace Godwit.Bench.Tests;

public class DeliveryProgressTests
{
    [Fact]
    public void Pass_SeveralReceivers_TheSlowestDecides()
    {
        var progress = new DeliveryProgress(receivers: 3, window: 4);

        Assert.False(progress.Pass(0, 2));
        Assert.False(progress.Pass(0, 1));
        Assert.True(progress.Pass(0, 3));
        Assert.Equal(1, progress.Through);
        Assert.True(progress.Pass(1, 3));
        Assert.Equal(2, progress.Through);
    }

    [Fact]
    public void Pass_AGap_CountsAsPassed()
    {
        var progress = new DeliveryProgress(receivers: 1, window: 4);

        Assert.True(progress.Pass(0, 3));
        Assert.False(progress.Pass(1, 2)); // a late one
        Assert.Equal(3, progress.Through);
    }

    [Fact]
    public void Pass_OneReceiverIsGone_TheOthersGoOnAfterThePublisherHasGivenUp()
    {
        var progress = new DeliveryProgress(receivers: 2, window: 4);

        // One of the two gets nothing; the publisher gives up again and again and sends far more than a window.
        for (long i = 0; i < 100; i++) progress.Pass(i, i + 1);
        Assert.InRange(progress.Through, 90, 99);
        long before = progress.Through;

        // Now it comes back.
        for (long i = 100; i < 108; i++)
        {
            progress.Pass(i, i + 1);
            progress.Pass(i, i + 1);
        }
        Assert.InRange(progress.Through, before, 108);
    }

    [Fact]
    public void Reset_BeginsAgain()
    {
        var progress = new DeliveryProgress(receivers: 2, window: 4);
        progress.Pass(0, 1);
        progress.Pass(0, 2);

        progress.Reset();

        Assert.Equal(0, progress.Through);
        Assert.False(progress.Pass(0, 1));
    }
}
