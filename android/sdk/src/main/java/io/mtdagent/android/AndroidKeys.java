package io.mtdagent.android;

import android.content.Context;
import android.os.Build;
import io.mtdagent.MtdException;
import io.mtdagent.MtdKeyStore;
import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The agent's keys on Android. From API 23 the signing keys are made in the system's key store and stay there; from 18
 * they are of software, sealed under a key of that store; before, the sandbox alone protects them. A key is reported
 * as kept where the system says that it is. It is called gone only where the store works with another key and not
 * with this one, and never before the first unlock (D4).
 */
final class AndroidKeys implements MtdKeyStore {
    private static final String ALIAS = "io.mtdagent.";
    private static final String DATA = "data";
    private static final String PROBE = "probe";
    private static final int DATA_BYTES = 32;
    private static final byte[] NONE = new byte[0];

    private final Context context;
    private final File folder;

    /** @param folder for the records; the app's own, excluded from backups */
    AndroidKeys(Context context, File folder) {
        this.context = context.getApplicationContext();
        this.folder = folder;
    }

    @Override
    public PublicHalf find(Slot slot) throws MtdException {
        return run(slot.name(), new Work<PublicHalf>() {
            @Override
            public PublicHalf on(String name) throws GeneralSecurityException, IOException {
                KeyRecord record = record(name);
                if (record == null) {
                    return null;
                }
                if (record.kept != KeyRecord.Kept.PLAIN && !SystemStore.open().containsAlias(ALIAS + name)) {
                    throw new UnrecoverableKeyException("no entry");
                }
                return new PublicHalf(record.spki, record.protection);
            }
        });
    }

    @Override
    public PublicHalf make(Slot slot) throws MtdException {
        destroy(slot);
        return run(slot.name(), new Work<PublicHalf>() {
            @Override
            public PublicHalf on(String name) throws GeneralSecurityException, IOException {
                KeyRecord record = Build.VERSION.SDK_INT >= 23 ? StoreKeyApi23.make(ALIAS + name)
                        : inSoftware(ALIAS + name);
                file(name).write(record.write());
                return new PublicHalf(record.spki, record.protection);
            }
        });
    }

    @Override
    public byte[] sign(Slot slot, final byte[] message) throws MtdException {
        return run(slot.name(), new Work<byte[]>() {
            @Override
            public byte[] on(String name) throws GeneralSecurityException, IOException {
                KeyRecord record = record(name);
                if (record == null) {
                    throw new LostKeyException();
                }
                if (record.kept != KeyRecord.Kept.IN_STORE) {
                    return SoftKey.sign(opened(ALIAS + name, record), message);
                }
                if (Build.VERSION.SDK_INT < 23) {
                    // The record came from a newer Android.
                    throw new LostKeyException();
                }
                return StoreKeyApi23.sign(ALIAS + name, message);
            }
        });
    }

    @Override
    public void destroy(Slot slot) throws MtdException {
        destroy(slot.name());
    }

    @Override
    public byte[] dataKey() throws MtdException {
        return run(DATA, new Work<byte[]>() {
            @Override
            public byte[] on(String name) throws GeneralSecurityException, IOException {
                KeyRecord record = record(name);
                if (record != null) {
                    return opened(ALIAS + name, record);
                }
                byte[] key = Urandom.bytes(DATA_BYTES);
                file(name).write(sealed(ALIAS + name, key, NONE).write());
                return key;
            }
        });
    }

    @Override
    public void destroyDataKey() throws MtdException {
        destroy(DATA);
    }

    /**
     * The certificates by which the maker vouches for the key in the slot, DER, the key's own first; empty where the
     * key is not in the store. Without attestation it is one certificate, signed by the key itself or by nobody.
     */
    List<byte[]> attestation(Slot slot) throws MtdException {
        return run(slot.name(), new Work<List<byte[]>>() {
            @Override
            public List<byte[]> on(String name) throws GeneralSecurityException, IOException {
                KeyRecord record = record(name);
                List<byte[]> chain = new ArrayList<byte[]>();
                if (record != null && record.kept == KeyRecord.Kept.IN_STORE) {
                    Certificate[] certificates = SystemStore.open().getCertificateChain(ALIAS + name);
                    if (certificates == null) {
                        throw new UnrecoverableKeyException("no chain");
                    }
                    for (Certificate certificate : certificates) {
                        chain.add(certificate.getEncoded());
                    }
                }
                return chain;
            }
        });
    }

    /** The chain of each key that has one. */
    List<List<byte[]>> attestation() throws MtdException {
        List<List<byte[]>> chains = new ArrayList<List<byte[]>>();
        for (Slot slot : Slot.values()) {
            List<byte[]> chain = attestation(slot);
            if (!chain.isEmpty()) {
                chains.add(chain);
            }
        }
        return chains;
    }

    /** The record goes first: a key without one was never given to anybody. */
    private void destroy(String name) throws MtdException {
        run(name, new Work<Void>() {
            @Override
            public Void on(String name) throws GeneralSecurityException, IOException {
                file(name).delete();
                if (SystemStore.isHere()) {
                    SystemStore.delete(ALIAS + name);
                }
                return null;
            }
        });
    }

    private KeyRecord inSoftware(String alias) throws GeneralSecurityException, IOException {
        SoftKey key = SoftKey.make();
        try {
            return sealed(alias, key.secret, key.spki);
        } finally {
            Arrays.fill(key.secret, (byte) 0);
        }
    }

    private KeyRecord sealed(String alias, byte[] secret, byte[] spki) throws GeneralSecurityException, IOException {
        Sealer sealer = Sealer.best(context);
        Protection protection =
                sealer.kept() == KeyRecord.Kept.PLAIN ? Protection.SANDBOX : Protection.SYSTEM;
        return new KeyRecord(sealer.kept(), protection, spki, sealer.seal(alias, secret));
    }

    private byte[] opened(String alias, KeyRecord record) throws GeneralSecurityException, IOException {
        return Sealer.of(record.kept, context).open(alias, record.sealed);
    }

    private SafeFile file(String name) {
        return new SafeFile(folder, name);
    }

    /** Something done with the key of a name. */
    private interface Work<T> {
        T on(String name) throws GeneralSecurityException, IOException;
    }

    private synchronized <T> T run(String name, Work<T> work) throws MtdException {
        if (isLocked()) {
            throw MtdException.keyStoreLocked();
        }
        KeyFault first;
        try {
            return work.on(name);
        } catch (Exception thrown) {
            first = KeyFault.of(thrown);
        }
        if (first != KeyFault.DOUBTFUL || !worksWithAnother()) {
            throw told(first);
        }
        try {
            return work.on(name);
        } catch (Exception thrown) {
            KeyFault again = KeyFault.of(thrown);
            throw told(again == KeyFault.DOUBTFUL && file(name).exists() ? KeyFault.GONE : again);
        }
    }

    private KeyRecord record(String name) throws IOException, LostKeyException {
        byte[] bytes = file(name).read(KeyRecord.LIMIT);
        KeyRecord record = bytes == null ? null : KeyRecord.read(bytes);
        if (bytes != null && record == null) {
            throw new LostKeyException();
        }
        return record;
    }

    /** The store makes a key, uses it and destroys it. */
    private boolean worksWithAnother() {
        try {
            Sealer sealer = Sealer.best(context);
            byte[] asked = Urandom.bytes(DATA_BYTES);
            boolean works = Arrays.equals(asked, sealer.open(ALIAS + PROBE, sealer.seal(ALIAS + PROBE, asked)));
            if (SystemStore.isHere()) {
                SystemStore.delete(ALIAS + PROBE);
            }
            return works;
        } catch (Exception broken) {
            return false;
        }
    }

    private boolean isLocked() {
        return Build.VERSION.SDK_INT >= 24 && KeysApi24.isLocked(context);
    }

    private static MtdException told(KeyFault fault) {
        switch (fault) {
            case LOCKED:
                return MtdException.keyStoreLocked();
            case GONE:
                return MtdException.keyGone();
            case UNSUPPORTED:
                return MtdException.keyUnsupported();
            case DOUBTFUL:
            case BUSY:
            default:
                return MtdException.keyStoreBusy();
        }
    }
}
