package io.mtdagent.android;

import android.annotation.TargetApi;
import android.net.ConnectivityManager;
import android.net.LinkProperties;
import android.net.Network;
import android.net.NetworkCapabilities;

/** Hears of the default network. Goes by what it is told: a question asked meanwhile is answered of another moment. */
@TargetApi(24)
final class NetworkCallbackApi24 extends ConnectivityManager.NetworkCallback {
    private final NetworkWatch watch;
    private ConnectivityManager connectivity;
    private Network network;
    private NetworkCapabilities capabilities;
    private LinkProperties link;

    NetworkCallbackApi24(NetworkWatch watch) {
        this.watch = watch;
    }

    void register(ConnectivityManager with) {
        connectivity = with;
        with.registerDefaultNetworkCallback(this);
    }

    void unregister(ConnectivityManager with) {
        with.unregisterNetworkCallback(this);
    }

    @Override
    public synchronized void onCapabilitiesChanged(Network of, NetworkCapabilities changed) {
        if (!of.equals(network)) {
            network = of;
            link = null;
        }
        capabilities = changed;
        tell();
    }

    @Override
    public synchronized void onLinkPropertiesChanged(Network of, LinkProperties changed) {
        if (!of.equals(network)) {
            network = of;
            capabilities = null;
        }
        link = changed;
        tell();
    }

    @Override
    public synchronized void onLost(Network of) {
        if (network == null || of.equals(network)) {
            network = null;
            capabilities = null;
            link = null;
            watch.tell(NetworkFacts.NONE);
        }
    }

    /** Both halves come within the same moment; half a network is not told. */
    private void tell() {
        if (capabilities != null && link != null) {
            watch.tell(NetworkReaderApi23.facts(capabilities, link, NetworkReaderApi23.isRoaming(connectivity)));
        }
    }
}
