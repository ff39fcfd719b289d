# The commented configuration, with the places of an installed system: what the site writes is in its state folder.
s|^users = "users.toml"|users = "/var/lib/tipring/users.toml"|
s|^database = "tipring.db"|database = "/var/lib/tipring/tipring.db"|
s|^recordings = "recordings"|recordings = "/var/lib/tipring/recordings"|
s|tipring serve           in this folder; elsewhere with --site FILE|systemctl enable --now tipring|
s|^# socket = "engine.sock"|# socket = "/run/tipring-engine/engine.sock"|
s|^card = "socket:card.sock"|card = "socket:/run/tipring-sim/card.sock"|
