package io.mtdagent.android;

import android.content.Context;
import android.content.ContextWrapper;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.Key;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Map;

/** What outlives a process: the app's files and the keys in the system's key store. */
final class Kept extends ContextWrapper {
    private final File folder;

    Kept(Context app, File folder) {
        super(app);
        this.folder = folder;
    }

    @Override
    public Context getApplicationContext() {
        return this;
    }

    @Override
    public File getFilesDir() {
        return made("files");
    }

    @Override
    public File getNoBackupFilesDir() {
        return made("no-backup");
    }

    void save(FakeAndroidKeyStore store) throws Exception {
        ArrayList<Object> all = new ArrayList<Object>();
        for (Map.Entry<String, FakeAndroidKeyStore.Entry> entry : store.entries.entrySet()) {
            FakeAndroidKeyStore.Entry key = entry.getValue();
            all.add(new Object[] {entry.getKey(), key.secret, key.open, key.strongBox, key.challenge});
        }
        try (ObjectOutputStream out = new ObjectOutputStream(new FileOutputStream(new File(folder, "store")))) {
            out.writeObject(all);
        }
    }

    void load(FakeAndroidKeyStore store) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new FileInputStream(new File(folder, "store")))) {
            for (Object one : (ArrayList<?>) in.readObject()) {
                Object[] key = (Object[]) one;
                store.entries.put((String) key[0], new FakeAndroidKeyStore.Entry((Key) key[1], (PublicKey) key[2],
                        (Boolean) key[3], (byte[]) key[4]));
            }
        }
    }

    private File made(String name) {
        File made = new File(folder, name);
        made.mkdirs();
        return made;
    }
}
