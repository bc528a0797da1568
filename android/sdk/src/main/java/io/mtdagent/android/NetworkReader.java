package io.mtdagent.android;

import android.net.ConnectivityManager;
import android.net.NetworkInfo;
import io.mtdagent.MtdAgent.Reach;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.TreeSet;

/** The network as systems before API 23 tell it. */
@SuppressWarnings("deprecation")
final class NetworkReader {
    private NetworkReader() {
    }

    static NetworkFacts read(ConnectivityManager connectivity) {
        NetworkInfo active = connectivity.getActiveNetworkInfo();
        if (active == null || !active.isConnected()) {
            return NetworkFacts.NONE;
        }
        boolean metered = connectivity.isActiveNetworkMetered() || active.isRoaming();
        // Connected is all that these systems know: whether the internet is behind shows when it is tried.
        return new NetworkFacts(Reach.UNKNOWN, name(active), metered);
    }

    /** A mobile network is one network; others are told apart by the addresses they give. */
    private static String name(NetworkInfo active) {
        String type = Integer.toString(active.getType());
        return active.getType() == ConnectivityManager.TYPE_MOBILE ? type : type + ' ' + subnets();
    }

    private static String subnets() {
        TreeSet<String> subnets = new TreeSet<String>();
        try {
            Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
            for (NetworkInterface one : Collections.list(all == null ? none() : all)) {
                if (one.isUp() && !one.isLoopback()) {
                    for (InterfaceAddress address : one.getInterfaceAddresses()) {
                        subnets.add(one.getName() + ' ' + subnet(address));
                    }
                }
            }
        } catch (SocketException unreadable) {
            subnets.clear();
        }
        return subnets.toString();
    }

    private static Enumeration<NetworkInterface> none() {
        return Collections.enumeration(Collections.<NetworkInterface>emptyList());
    }

    /** The bits that all devices of the network share, in hexadecimal. */
    private static String subnet(InterfaceAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        int shared = address.getNetworkPrefixLength();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length && 8 * i < shared; i++) {
            int mask = (0xff << 8 - Math.min(8, shared - 8 * i)) & 0xff;
            text.append(Integer.toHexString(0x100 | (bytes[i] & mask)).substring(1));
        }
        return text.append('/').append(shared).toString();
    }
}
