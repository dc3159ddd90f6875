/** A server of `folder`/www on loopback, to which files can be put as well. */
export function nginxConfiguration(folder: string, port: number): string {
  return `
daemon off; master_process off; user root; pid ${folder}/nginx.pid; error_log stderr;
events {}
http {
  access_log off; client_max_body_size 100m; client_body_temp_path ${folder}/bodies;
  server { listen 127.0.0.1:${port}; root ${folder}/www; dav_methods PUT; }
}`;
}
